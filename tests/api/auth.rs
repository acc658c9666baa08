//! Who may call: client tokens and server credentials, and what refusing them leaves behind.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use waxseal_tests::{Checkout, PUBLIC_ORIGIN, Staff, TestVerifier, VISA, get};
use waxseal_verifier::{clock::Clock, mode::Mode};

const ORIGIN: &str = "https://shop.example";

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn the_client_token_says_what_it_is_for_and_no_more() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let checkout = Checkout::open(&verifier, &shop).await;
    assert_eq!(part(&checkout.token, 0)["alg"], "HS256");
    let mut claims = part(&checkout.token, 1);
    let claims = claims.as_object_mut().unwrap();
    let jti = claims.remove("jti").unwrap();
    assert!(!jti.as_str().unwrap().is_empty());
    let now = verifier.clock.now().seconds();
    let expected = json!({
        "iss": PUBLIC_ORIGIN, "aud": "frame", "sub": checkout.session_id, "mid": shop.merchant_id,
        "org": ORIGIN, "kid": checkout.key.kid, "iat": now, "exp": now + 900, "scope": "card:seal",
    });
    assert_eq!(Value::Object(claims.clone()), expected);
}

#[tokio::test]
async fn a_forged_client_token_is_refused() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let checkout = Checkout::open(&verifier, &shop).await;
    let (head, claims) = (part(&checkout.token, 0), part(&checkout.token, 1));
    let (test, live) = (
        verifier.app.keys_of(Mode::Test),
        verifier.app.keys_of(Mode::Live),
    );
    let (_, key) = test.signing_key().unwrap();
    let (live_kid, _) = live.signing_key().unwrap();
    let kid = head["kid"].as_str().unwrap();
    let sign = |algorithm, kid: &str, key: &[u8], claims: &Value| {
        let header = Header {
            kid: Some(kid.to_owned()),
            ..Header::new(algorithm)
        };
        encode(&header, claims, &EncodingKey::from_secret(key)).unwrap()
    };
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        sign(Algorithm::HS256, kid, key, &claims)
    };
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        sign(Algorithm::HS256, kid, key, &claims)
    };
    let none = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "typ": "JWT", "kid": kid }).to_string()),
        checkout.token.split('.').nth(1).unwrap()
    );
    // The control: our own signature over the same claims is taken.
    let same = sign(Algorithm::HS256, kid, key, &claims);
    assert_eq!(
        verifier
            .public(get("/v1/session", Some(&same)))
            .await
            .status,
        200
    );

    let signature = checkout.token.rsplit('.').next().unwrap();
    for (what, token) in [
        ("alg none", none),
        ("no signature", checkout.token.replace(signature, "")),
        ("HS512", sign(Algorithm::HS512, kid, key, &claims)),
        (
            "another key",
            sign(Algorithm::HS256, kid, &[7; 32], &claims),
        ),
        (
            "public key as secret",
            sign(Algorithm::HS256, kid, checkout.key.x.as_bytes(), &claims),
        ),
        (
            "kid of the other mode",
            sign(Algorithm::HS256, live_kid, key, &claims),
        ),
        (
            "kid path",
            sign(Algorithm::HS256, "../../dev/null", b"", &claims),
        ),
        ("audience", with("aud", json!("other"))),
        ("audiences", with("aud", json!(["frame", "other"]))),
        ("issuer", with("iss", json!("https://evil.example"))),
        ("scope", with("scope", json!("card:seal cards:read"))),
        ("session of the other mode", with("sub", json!("cs_live_1"))),
        ("unknown claim", with("admin", json!(true))),
        ("exp as text", with("exp", json!("9999999999"))),
        ("no exp", without("exp")),
        ("no scope", without("scope")),
        ("no kid claim", without("kid")),
    ] {
        let answer = verifier.public(get("/v1/session", Some(&token))).await;
        assert_eq!(answer.problem(), "client_token_invalid", "{what}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    let expired = with("exp", json!(verifier.clock.now().seconds()));
    let answer = verifier.public(get("/v1/session", Some(&expired))).await;
    assert_eq!(answer.problem(), "client_token_expired");
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut checkout = Checkout::open(&verifier, &shop).await;
    assert_eq!(checkout.pay(&verifier, VISA).await.status, 200);
    assert_eq!(
        checkout.submit(&verifier, "x").await.problem(),
        "envelope_invalid"
    );
    let monitor = Staff::hire(&verifier, "metrics:read").await;
    let answer = monitor.call(&verifier, "GET", "/metrics", None).await;
    assert_eq!(answer.status, 200);
    for wanted in [
        "waxseal_submissions_total{outcome=\"ok\"} 1",
        "waxseal_submissions_total{outcome=\"envelope_invalid\"} 1",
        "waxseal_decisions_total{outcome=\"allow\"} 1",
        "waxseal_http_requests_total{route=\"/v1/session/card\",method=\"POST\",code=\"ok\"} 1",
    ] {
        assert!(
            answer.text.lines().any(|line| line == wanted),
            "{wanted} in {}",
            answer.text
        );
    }
    // Routes are templates: no id is a label.
    assert!(!answer.text.contains(&checkout.session_id));
}

#[tokio::test]
async fn each_listener_has_its_own_routes_only() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for path in [
        "/v1/cards",
        "/v1/sessions/cs_test_1",
        "/metrics",
        "/nothing",
    ] {
        assert_eq!(
            verifier.public(get(path, None)).await.problem(),
            "not_found"
        );
    }
    for path in [
        "/v1/session",
        "/frame/v1",
        "/.well-known/jwks.json",
        "/sdk/v0.1.0/waxseal.js",
    ] {
        assert_eq!(
            verifier.call(&shop, "GET", path, None).await.problem(),
            "not_found"
        );
    }
    let answer = verifier.call(&shop, "DELETE", "/v1/sessions", None).await;
    assert_eq!(answer.problem(), "method_not_allowed");
}
