//! Tokens for servers: client credentials, by secret, signature or certificate.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use waxseal_tests::{Answer, CONSOLE_ORIGIN, DpopKey, Shop, TestPki, TestVerifier, form_encoded};
use waxseal_verifier::{
    clock::Clock,
    http::ClientCertificate,
    identity::{Scopes, oauth::as_registered},
    mode::Mode,
    store::client_auths,
};

use super::{error, get_with, text};

const ORIGIN: &str = "https://shop.example";
/// What is wrong with an assertion.
type Change = fn(&mut Value);

pub(super) const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Asks for a token on the private listener.
pub(super) async fn ask(
    verifier: &TestVerifier,
    authorization: Option<&str>,
    certificate: Option<&ClientCertificate>,
    fields: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder()
        .method("POST")
        .uri("/oauth/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    if let Some(certificate) = certificate {
        request = request.extension(certificate.clone());
    }
    let body = Body::from(form_encoded(fields));
    verifier.private(request.body(body).unwrap()).await
}

pub(super) async fn register(
    verifier: &TestVerifier,
    shop: &Shop,
    jwks: Option<Value>,
    digests: &[String],
) {
    let jwks = jwks.map(|jwks| jwks.to_string());
    let auth = as_registered(shop.client_id(), jwks, digests).unwrap();
    let store = &verifier.app.store;
    let stored = store.write("register", move |tx| client_auths::put(tx, &auth));
    stored.await.unwrap();
}

#[tokio::test]
async fn a_server_gets_a_token_for_its_secret_and_acts_with_the_scopes_it_asked_for() {
    let verifier = TestVerifier::start().await;
    let scopes = Scopes::parse("cards:read sessions:read");
    let shop = verifier.shop_with(Mode::Test, ORIGIN, &scopes).await;
    let (id, secret) = (shop.client_id(), shop.client_secret());
    let basic = shop.authorization();
    let grant = ("grant_type", "client_credentials");
    let by_basic = ask(&verifier, Some(basic), None, &[grant]).await;
    let own = [
        grant,
        ("client_id", id),
        ("client_secret", &secret),
        ("scope", "cards:read"),
    ];
    let by_post = ask(&verifier, None, None, &own).await;
    for (answer, scope) in [
        (by_basic, "cards:read sessions:read"),
        (by_post, "cards:read"),
    ] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let answer = answer.json();
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["scope"], scope);
        assert!(answer.get("refresh_token").is_none());
        let bearer = format!("Bearer {}", text(&answer, "access_token"));
        assert_eq!(get_with(&verifier, "/v1/cards", &bearer).await.status, 200);
        let sessions = get_with(&verifier, "/v1/sessions/cs_test_1", &bearer).await;
        let wanted = if scope == "cards:read" {
            "forbidden"
        } else {
            "not_found"
        };
        assert_eq!(sessions.problem(), wanted);
        let keys = get_with(&verifier, "/v1/keys", &bearer).await;
        assert_eq!(keys.problem(), "unauthenticated");
    }
    let issued = verifier.database.number(
        "SELECT count(*) FROM audit WHERE action = 'token.issued' AND reason = 'client_credentials'",
    );
    assert_eq!(issued, 2);
}

#[tokio::test]
async fn whoever_cannot_prove_itself_gets_no_token() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let (id, basic) = (shop.client_id(), shop.authorization());
    let grant = ("grant_type", "client_credentials");
    let wrong = "wxs_wrong";
    for (what, authorization, fields, wanted) in [
        ("nothing", None, vec![grant], "invalid_client"),
        (
            "a name alone",
            None,
            vec![grant, ("client_id", id)],
            "invalid_client",
        ),
        (
            "a wrong secret",
            None,
            vec![grant, ("client_id", id), ("client_secret", wrong)],
            "invalid_client",
        ),
        (
            "another's name",
            None,
            vec![grant, ("client_id", "cli_test_1"), ("client_secret", wrong)],
            "invalid_client",
        ),
        ("no Basic", Some("Bearer x"), vec![grant], "invalid_client"),
        (
            "two ways",
            Some(basic),
            vec![grant, ("client_secret", wrong)],
            "invalid_request",
        ),
        (
            "two names",
            Some(basic),
            vec![grant, ("client_id", "cli_test_1")],
            "invalid_request",
        ),
        ("twice", Some(basic), vec![grant, grant], "invalid_request"),
        ("no grant", Some(basic), vec![("a", "b")], "invalid_request"),
        (
            "a grant that is none",
            Some(basic),
            vec![("grant_type", "password")],
            "unsupported_grant_type",
        ),
        (
            "a grant for programs",
            Some(basic),
            vec![("grant_type", "refresh_token"), ("refresh_token", "x")],
            "unauthorized_client",
        ),
        (
            "a scope of operators",
            Some(basic),
            vec![grant, ("scope", "keys:read")],
            "invalid_scope",
        ),
        (
            "another resource",
            Some(basic),
            vec![grant, ("resource", "https://other.example")],
            "invalid_target",
        ),
    ] {
        let answer = ask(&verifier, authorization, None, &fields).await;
        assert_eq!(error(&answer), wanted, "{what}");
        let status = if wanted == "invalid_client" { 401 } else { 400 };
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(
            answer.headers.contains_key("www-authenticate"),
            status == 401
        );
    }
    let failed = verifier.database.number(
        "SELECT count(*) FROM audit WHERE action = 'auth.failed' AND ip_digest IS NOT NULL",
    );
    assert_eq!(failed, 5);
}

#[tokio::test]
async fn a_server_proves_itself_by_its_signature_once_and_by_its_secret_no_more() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let (key, other) = (DpopKey::make(), DpopKey::make());
    register(&verifier, &shop, Some(json!({ "keys": [key.jwk] })), &[]).await;
    let id = shop.client_id();
    let now = verifier.clock.now().seconds();
    let claims = |change: fn(&mut Value)| {
        let mut claims = json!({
            "iss": id, "sub": id, "aud": CONSOLE_ORIGIN, "iat": now, "exp": now + 60, "jti": "1",
        });
        change(&mut claims);
        claims
    };
    let header = json!({ "alg": "ES256", "typ": "JWT" });
    let ask = async |assertion: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION),
            ("client_assertion", assertion),
        ];
        ask(&verifier, None, None, &fields).await
    };
    let good = key.sign_with(&header, &claims(|_| ()));
    assert_eq!(ask(&good).await.status, 200);
    let endpoint = claims(|c| {
        c["aud"] = format!("{CONSOLE_ORIGIN}/oauth/token").into();
        c["jti"] = "2".into();
    });
    assert_eq!(ask(&key.sign_with(&header, &endpoint)).await.status, 200);
    let none = json!({ "alg": "none", "typ": "JWT" });
    let changed: [(&str, Change); 7] = [
        ("assertion_audience", |c| {
            c["aud"] = "https://other.example".into();
        }),
        ("assertion_subject", |c| c["iss"] = "cli_test_1".into()),
        ("client_unknown", |c| c["sub"] = "cli_test_1".into()),
        ("assertion_expired", |c| c["exp"] = 1_795_000_000_u64.into()),
        ("assertion_lifetime", |c| {
            c["exp"] = 1_795_010_000_u64.into();
        }),
        ("assertion_subject", |c| c["jti"] = "".into()),
        ("assertion_malformed", |c| {
            drop(c.as_object_mut().unwrap().remove("exp"));
        }),
    ];
    let mut refused = vec![
        ("assertion_replayed", good.clone()),
        (
            "assertion_signature",
            other.sign_with(&header, &claims(|c| c["jti"] = "3".into())),
        ),
        (
            "request_malformed",
            key.sign_with(&none, &claims(|c| c["jti"] = "4".into())),
        ),
    ];
    for (reason, change) in changed {
        refused.push((reason, key.sign_with(&header, &claims(change))));
    }
    let reasons: Vec<_> = refused.iter().map(|(reason, _)| *reason).collect();
    for (reason, assertion) in &refused {
        assert_eq!(error(&ask(assertion).await), "invalid_client", "{reason}");
    }
    let logged = verifier
        .database
        .texts("SELECT reason FROM audit WHERE action = 'auth.failed' ORDER BY seq");
    assert_eq!(logged, reasons);
    // Its secret is of no use any more, here and everywhere.
    let grant = [("grant_type", "client_credentials")];
    let by_secret = super::servers::ask(&verifier, Some(shop.authorization()), None, &grant).await;
    assert_eq!(error(&by_secret), "invalid_client");
    let answer = verifier.call(&shop, "GET", "/v1/cards", None).await;
    assert_eq!(answer.problem(), "unauthenticated");
}

#[tokio::test]
async fn a_servers_certificate_proves_it_and_binds_its_token() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let pki = TestPki::new(verifier.clock.now(), 12);
    let [own, next, other] = ["own", "next", "other"].map(|name| {
        let clock = Arc::clone(&verifier.clock);
        pki.presented(&pki.client(name), clock)
    });
    let digests = [own.x5t_s256(), next.x5t_s256()];
    register(&verifier, &shop, None, &digests).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shop.client_id()),
    ];
    for certificate in [None, Some(&other)] {
        let answer = ask(&verifier, None, certificate, &fields).await;
        assert_eq!(error(&answer), "invalid_client");
    }
    for certificate in [&own, &next] {
        let answer = ask(&verifier, None, Some(certificate), &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let bearer = format!("Bearer {}", text(&answer.json(), "access_token"));
        for (given, wanted) in [(Some(certificate), 200), (None, 401), (Some(&other), 401)] {
            let mut request = Request::builder()
                .uri("/v1/cards")
                .header(header::AUTHORIZATION, &bearer);
            if let Some(given) = given {
                request = request.extension(given.clone());
            }
            let answer = verifier.private(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, wanted);
        }
    }
}

#[tokio::test]
async fn a_servers_token_can_be_bound_to_a_key() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let secret = shop.client_secret();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shop.client_id()),
        ("client_secret", &secret),
    ];
    let key = DpopKey::make();
    let answer = verifier.ask_for_token(&fields, Some(&key)).await.json();
    assert_eq!(answer["token_type"], "DPoP");
    let token = text(&answer, "access_token");
    assert_eq!(
        verifier
            .call_with_proof(&key, token, "GET", "/v1/cards")
            .await
            .status,
        200
    );
    let bearer = get_with(&verifier, "/v1/cards", &format!("Bearer {token}")).await;
    assert_eq!(bearer.problem(), "unauthenticated");
}

#[test]
fn only_public_keys_and_digests_are_registered() {
    let key = DpopKey::make().jwk;
    let mut private = key.clone();
    private["d"] = key["x"].clone();
    let secret = json!({ "kty": "oct", "k": "AAAA" });
    let curve = json!({ "kty": "EC", "crv": "P-384", "x": key["x"], "y": key["y"] });
    for jwks in [
        json!({ "keys": [] }),
        json!({ "keys": [private] }),
        json!({ "keys": [key, secret] }),
        json!({ "keys": [curve] }),
        json!([key]),
        json!({}),
    ] {
        assert!(
            as_registered("cli_test_1", Some(jwks.to_string()), &[]).is_none(),
            "{jwks}"
        );
    }
    let digest = "A".repeat(43);
    assert!(as_registered("cli_test_1", None, std::slice::from_ref(&digest)).is_some());
    for digests in [vec![], vec!["A".repeat(42)], vec![digest; 9]] {
        assert!(
            as_registered("cli_test_1", None, &digests).is_none(),
            "{digests:?}"
        );
    }
}
