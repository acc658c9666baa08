//! What programs read before anything else.

use serde_json::json;
use waxseal_tests::{CONSOLE_ORIGIN, TestVerifier, get};
use waxseal_verifier::{
    clock::Clock,
    config::{Config, initial_file},
    keys::{Purpose, rotate},
    mode::Mode,
};

#[tokio::test]
async fn the_metadata_says_what_is_so() {
    let verifier = TestVerifier::start().await;
    let path = "/.well-known/oauth-authorization-server";
    let answer = verifier.console(get(path, None)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let metadata = answer.json();
    let at = |path: &str| format!("{CONSOLE_ORIGIN}{path}");
    let methods = [
        "client_secret_basic",
        "client_secret_post",
        "none",
        "private_key_jwt",
        "self_signed_tls_client_auth",
        "tls_client_auth",
    ];
    let wanted = json!({
        "issuer": CONSOLE_ORIGIN,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "revocation_endpoint": at("/oauth/revoke"),
        "jwks_uri": at("/oauth/jwks.json"),
        "scopes_supported": [
            "cards:delete", "cards:read", "risk:assess", "risk:label", "sessions:read", "sessions:write", "alerts:read", "alerts:write", "audit:read", "cards:reveal", "clients:read",
            "clients:write", "keys:read", "keys:write", "lists:read", "lists:write", "merchants:read", "merchants:write",
            "metrics:read", "reviews:read", "reviews:write", "rules:read", "rules:write",
        ],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "mtls_endpoint_aliases": {
            "token_endpoint": "http://127.0.0.1:8788/oauth/token",
            "revocation_endpoint": "http://127.0.0.1:8788/oauth/revoke",
        },
        "tls_client_certificate_bound_access_tokens": true,
        "authorization_response_iss_parameter_supported": true,
    });
    assert_eq!(metadata, wanted);
    assert_eq!(verifier.private(get(path, None)).await.json(), metadata);
    assert_eq!(
        verifier.public(get(path, None)).await.problem(),
        "not_found"
    );
    assert_eq!(
        verifier
            .public(get("/oauth/authorize", None))
            .await
            .problem(),
        "not_found"
    );
    assert_eq!(
        verifier
            .private(get("/oauth/authorize", None))
            .await
            .problem(),
        "not_found"
    );
    assert_eq!(
        verifier.console(get("/v1/cards", None)).await.problem(),
        "not_found"
    );
}

#[tokio::test]
async fn the_key_set_follows_the_keyring() {
    let verifier = TestVerifier::start().await;
    let kids = async || {
        let set = verifier.console(get("/oauth/jwks.json", None)).await.json();
        let keys = set["keys"].as_array().unwrap().clone();
        for key in &keys {
            let names: Vec<_> = key
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        }
        keys.iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let before = kids().await;
    assert_eq!(before.len(), 2);
    let app = &verifier.app;
    let kind = (Purpose::AccessToken, Mode::Test);
    let made = rotate(
        &app.store,
        app.keys.kek(),
        kind,
        false,
        &*app.rng,
        verifier.clock.now(),
    );
    let made = made.await.unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    let after = kids().await;
    assert!(
        before.iter().all(|kid| after.contains(kid)),
        "the former still checks"
    );
    assert_eq!(after.len(), 3);
    assert!(after.contains(&made.id));
}

#[tokio::test]
async fn keys_of_access_tokens_follow_each_other_by_themselves() {
    let verifier = TestVerifier::start().await;
    let app = &verifier.app;
    let states = |verifier: &TestVerifier| {
        verifier.database.texts(
            "SELECT state FROM key WHERE purpose = 'access_token' AND mode = 'live' ORDER BY version",
        )
    };
    let day_ms = 24 * 60 * 60_000;
    for (days, wanted) in [
        (29, vec!["active"]),
        (1, vec!["retired", "active"]),
        (1, vec!["retired", "active"]),
        (1, vec!["destroyed", "active"]),
    ] {
        verifier.clock.advance_millis(days * day_ms);
        waxseal_verifier::upkeep::keys_due(app).await.unwrap();
        assert_eq!(states(&verifier), wanted);
    }
}

#[test]
fn without_a_console_the_issuer_is_the_private_listeners_origin() {
    let dist = std::path::Path::new("dist");
    let mut listen = Config::parse(&initial_file(dist, None), std::iter::empty(), dist)
        .unwrap()
        .listen;
    for (encrypted, origin) in [
        (false, "http://127.0.0.1:8788"),
        (true, "https://127.0.0.1:8788"),
    ] {
        listen.console_origin = None;
        assert_eq!(listen.issuer(encrypted), origin);
    }
    listen.private_origin = Some("https://verifier.example".to_owned());
    assert_eq!(listen.issuer(true), "https://verifier.example");
}
