//! What an access token is, and what makes one of no use.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use waxseal_tests::{CONSOLE_ORIGIN, DpopKey, Shop, TestVerifier};
use waxseal_verifier::{
    clock::{Clock, Timestamp},
    identity::oauth::{Confirmation, NewAccessToken},
    keys::{Purpose, change_state, rotate},
    mode::Mode,
    store::key_state::KeyState,
};

use super::{get_with, text};

async fn scene() -> (TestVerifier, Shop, String) {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let token = token(&verifier, &shop).await;
    (verifier, shop, token)
}

pub(super) async fn token(verifier: &TestVerifier, shop: &Shop) -> String {
    let secret = shop.client_secret();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shop.client_id()),
        ("client_secret", &secret),
        ("scope", "cards:read"),
    ];
    let answer = verifier.ask_for_token(&fields, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.json(), "access_token").to_owned()
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn status(verifier: &TestVerifier, token: &str) -> u16 {
    let answer = get_with(verifier, "/v1/cards", &format!("Bearer {token}")).await;
    if answer.status == 401 {
        assert_eq!(answer.problem(), "unauthenticated");
        assert_eq!(
            answer.headers["www-authenticate"],
            "Bearer error=\"invalid_token\""
        );
    }
    answer.status.as_u16()
}

#[tokio::test]
async fn a_token_is_the_jwt_of_rfc_9068() {
    let (verifier, shop, token) = scene().await;
    let kid = verifier
        .app
        .keys_of(Mode::Test)
        .access_token_key()
        .kid()
        .to_owned();
    assert_eq!(
        part(&token, 0),
        json!({ "typ": "at+jwt", "alg": "ES256", "kid": kid })
    );
    let mut claims = part(&token, 1);
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert!(jti.as_str().unwrap().starts_with("tok_"));
    let now = verifier.clock.now().seconds();
    let expected = json!({
        "iss": CONSOLE_ORIGIN, "aud": CONSOLE_ORIGIN, "sub": shop.client_id(),
        "client_id": shop.client_id(), "mid": shop.merchant_id, "scope": "cards:read",
        "iat": now, "exp": now + 900,
    });
    assert_eq!(claims, expected);
    assert_eq!(status(&verifier, &token).await, 200);
    verifier.clock.advance_millis(900_000);
    assert_eq!(status(&verifier, &token).await, 401);
}

/// Signs as the verifier does, whatever it is.
fn sign(verifier: &TestVerifier, mode: Mode, header: &Value, claims: &Value) -> String {
    let header = Header {
        typ: header["typ"].as_str().map(str::to_owned),
        kid: header["kid"].as_str().map(str::to_owned),
        ..Header::new(Algorithm::ES256)
    };
    let keys = verifier.app.keys_of(mode);
    keys.access_token_key().sign(&header, claims).unwrap()
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "a table")]
async fn a_forged_token_is_refused() {
    let (verifier, _, token) = scene().await;
    let other = verifier.shop(Mode::Test, "https://other.example").await;
    let (head, claims) = (part(&token, 0), part(&token, 1));
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        sign(&verifier, Mode::Test, &head, &claims)
    };
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        sign(&verifier, Mode::Test, &head, &claims)
    };
    let typed = |typ: &str| {
        let mut head = head.clone();
        head["typ"] = typ.into();
        sign(&verifier, Mode::Test, &head, &claims)
    };
    // The control: our own signature over the same claims is taken.
    let same = sign(&verifier, Mode::Test, &head, &claims);
    assert_eq!(status(&verifier, &same).await, 200);
    let now = verifier.clock.now().seconds();
    let stranger = DpopKey::make();
    let hs256 = {
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: head["kid"].as_str().map(str::to_owned),
            ..Header::new(Algorithm::HS256)
        };
        let jwk = verifier.app.keys_of(Mode::Test).access_token_key().jwk();
        let public = serde_json::to_vec(&jwk).unwrap();
        encode(&header, &claims, &EncodingKey::from_secret(&public)).unwrap()
    };
    let none = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD
            .encode(json!({ "alg": "none", "typ": "at+jwt", "kid": head["kid"] }).to_string()),
        token.split('.').nth(1).unwrap()
    );
    let live = {
        let kid = verifier
            .app
            .keys_of(Mode::Live)
            .access_token_key()
            .kid()
            .to_owned();
        sign(
            &verifier,
            Mode::Live,
            &json!({ "typ": "at+jwt", "kid": kid }),
            &claims,
        )
    };
    for (what, token) in [
        ("none", none),
        ("HS256 under the public key", hs256),
        ("another's key", stranger.sign_with(&head, &claims)),
        ("the other mode's key", live),
        ("another kind", typed("JWT")),
        ("a client token's kind", typed("")),
        ("audience", with("aud", json!("https://other.example"))),
        (
            "audiences",
            with("aud", json!([CONSOLE_ORIGIN, "https://other.example"])),
        ),
        ("issuer", with("iss", json!("https://other.example"))),
        ("merchant", with("mid", json!(other.merchant_id))),
        ("subject", with("sub", json!(other.client_id()))),
        ("client", with("client_id", json!(other.client_id()))),
        ("expired", with("exp", json!(now))),
        (
            "living longer than 30 minutes",
            with("exp", json!(now + 1801)),
        ),
        ("of tomorrow", with("iat", json!(now + 61))),
        ("unknown claim", with("admin", json!(true))),
        ("a grant that is none", with("grant", json!("grt_1"))),
        ("no exp", without("exp")),
        ("no scope", without("scope")),
        ("no merchant", without("mid")),
        ("no audience", without("aud")),
        ("cut", token[..token.len() - 4].to_owned()),
        ("empty", String::new()),
    ] {
        assert_eq!(status(&verifier, &token).await, 401, "{what}");
    }
    // 30 minutes to the second are not longer.
    assert_eq!(
        status(&verifier, &with("exp", json!(now + 1800))).await,
        200
    );
    // A scope that the client does not have grants nothing.
    verifier
        .database
        .run(&["UPDATE client SET scopes = 'cards:read'"]);
    let more = with("scope", json!("cards:read sessions:read keys:read"));
    let answer = get_with(
        &verifier,
        "/v1/sessions/cs_test_1",
        &format!("Bearer {more}"),
    )
    .await;
    assert_eq!(answer.problem(), "forbidden");
    assert_eq!(
        answer.headers["www-authenticate"],
        "Bearer error=\"insufficient_scope\", scope=\"sessions:read\""
    );
}

#[tokio::test]
async fn client_tokens_and_access_tokens_are_not_each_other() {
    let (verifier, shop, token) = scene().await;
    let answer = verifier
        .public(waxseal_tests::get("/v1/session", Some(&token)))
        .await;
    assert_eq!(answer.problem(), "client_token_invalid");
    let checkout = waxseal_tests::Checkout::open(&verifier, &shop).await;
    assert_eq!(status(&verifier, &checkout.token).await, 401);
}

#[tokio::test]
async fn a_retired_key_still_checks_and_a_revoked_one_does_not_at_once() {
    let (verifier, shop, token) = scene().await;
    assert_eq!(status(&verifier, &token).await, 200);
    let app = &verifier.app;
    let former = app.keys_of(Mode::Test).access_token_key().kid().to_owned();
    let (kek, now) = (app.keys.kek(), verifier.clock.now());
    let kind = (Purpose::AccessToken, Mode::Test);
    rotate(&app.store, kek, kind, false, &*app.rng, now)
        .await
        .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    let next = super::access_token::token(&verifier, &shop).await;
    assert_ne!(part(&next, 0)["kid"], part(&token, 0)["kid"]);
    for token in [&token, &next] {
        assert_eq!(status(&verifier, token).await, 200);
    }
    let revoked = change_state(&app.store, kek, &former, KeyState::Revoked, &*app.rng, now);
    revoked.await.unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    // Though it was checked a moment ago.
    assert_eq!(status(&verifier, &token).await, 401);
    assert_eq!(status(&verifier, &next).await, 200);
}

#[tokio::test]
async fn a_key_that_another_verifier_made_a_moment_ago_is_looked_for() {
    let (verifier, shop, _) = scene().await;
    let beside = verifier.beside().await;
    let app = &verifier.app;
    let kind = (Purpose::AccessToken, Mode::Test);
    let now = verifier.clock.now();
    rotate(&app.store, app.keys.kek(), kind, false, &*app.rng, now)
        .await
        .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    let next = super::access_token::token(&verifier, &shop).await;
    assert_eq!(status(&beside, &next).await, 200);
}

#[tokio::test]
async fn what_is_signed_is_read_whatever_it_is_bound_to() {
    let (verifier, shop, _) = scene().await;
    let keyring = verifier.app.keyring();
    let now: Timestamp = verifier.clock.now();
    let confirmation = Confirmation {
        jkt: Some("k".repeat(43)),
        certificate: Some("c".repeat(43)),
    };
    let new = NewAccessToken {
        issuer: CONSOLE_ORIGIN,
        subject: "s",
        client_id: shop.client_id(),
        merchant_id: Some(&shop.merchant_id),
        scope: "cards:read",
        confirmation: confirmation.clone(),
        grant_id: Some("grt_1"),
        credentials_generation: 7,
        issued_at: now,
        jti: "tok_1",
    };
    let signed = new.sign(keyring.of(Mode::Test).access_token_key()).unwrap();
    let claims = part(&signed, 1);
    assert_eq!(
        claims["cnf"],
        json!({ "jkt": "k".repeat(43), "x5t#S256": "c".repeat(43) })
    );
    let read = waxseal_verifier::identity::oauth::AccessToken::verify(
        &signed,
        &keyring,
        CONSOLE_ORIGIN,
        now,
    );
    let read = read.unwrap();
    assert_eq!(read.confirmation, confirmation);
    assert_eq!(read.credentials_generation, 7);
    assert_eq!(read.grant_id.as_deref(), Some("grt_1"));
}
