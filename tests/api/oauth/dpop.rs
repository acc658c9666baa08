//! Proofs that come with a token: of this request, by this key, once.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use waxseal_tests::{Answer, CONSOLE_ORIGIN, DpopKey, TestVerifier};
use waxseal_verifier::clock::Clock;

use super::{Scene, error, text};

const KEYS: &str = "http://127.0.0.1:8788/v1/keys";

async fn list_keys(verifier: &TestVerifier, token: &str, proofs: &[&str]) -> Answer {
    let mut request = Request::builder()
        .uri("/v1/keys?a=b")
        .header(header::AUTHORIZATION, format!("DPoP {token}"));
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    verifier.private(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_proof_is_of_this_request_and_no_other() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let token = text(&tokens, "access_token");
    let (verifier, key) = (&scene.verifier, &scene.key);
    let now = verifier.clock.now().seconds();
    let claims = || DpopKey::claims("GET", KEYS, Some(token), now);
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        key.sign(&claims)
    };
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk });
    let with_head = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        key.sign_with(&header, &claims())
    };
    let mut private = key.jwk.clone();
    private["d"] = key.jwk["x"].clone();
    let stranger = DpopKey::make();
    let before = scene.failures().len();
    let cases = [
        ("dpop_method", with("htm", json!("POST"))),
        (
            "dpop_uri",
            with("htu", json!("http://127.0.0.1:8788/v1/cards")),
        ),
        (
            "dpop_uri",
            with("htu", json!("http://other.example/v1/keys")),
        ),
        (
            "dpop_uri",
            with("htu", json!("https://127.0.0.1:8788/v1/keys")),
        ),
        ("dpop_uri", with("htu", json!("/v1/keys"))),
        ("dpop_time", with("iat", json!(now - 61))),
        ("dpop_time", with("iat", json!(now + 61))),
        ("dpop_token", with("ath", json!("x"))),
        ("dpop_token", key.prove("GET", KEYS, None, now)),
        ("dpop_jti", with("jti", json!(""))),
        ("dpop_signature", with("iat", json!("now"))),
        ("dpop_malformed", with_head("typ", json!("JWT"))),
        ("dpop_malformed", with_head("alg", json!("none"))),
        ("dpop_malformed", with_head("alg", json!("HS256"))),
        ("dpop_malformed", with_head("jwk", private)),
        (
            "dpop_malformed",
            with_head("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ),
        ("dpop_malformed", with_head("kid", json!("1"))),
        ("dpop_signature", with_head("jwk", stranger.jwk.clone())),
        ("dpop_key", stranger.prove("GET", KEYS, Some(token), now)),
        ("dpop_malformed", "x".to_owned()),
    ];
    for (reason, proof) in &cases {
        let answer = list_keys(verifier, token, &[proof]).await;
        assert_eq!(answer.problem(), "unauthenticated", "{reason}");
        assert_eq!(
            answer.headers["www-authenticate"],
            "DPoP error=\"invalid_dpop_proof\", algs=\"ES256\""
        );
    }
    let reasons = cases.iter().map(|(reason, _)| (*reason).to_owned());
    assert_eq!(scene.failures()[before..], reasons.collect::<Vec<_>>());
    let proof = || key.prove("GET", KEYS, Some(token), now);
    for (what, proofs) in [("none", vec![]), ("two", vec![proof(), proof()])] {
        let proofs: Vec<_> = proofs.iter().map(String::as_str).collect();
        let answer = list_keys(verifier, token, &proofs).await;
        assert_eq!(answer.problem(), "unauthenticated", "{what}");
    }
    // At the edges of its time, and with what does not count (RFC 9449 section 4.3).
    for good in [
        with("iat", json!(now - 60)),
        with("iat", json!(now + 60)),
        with("htu", json!(format!("{KEYS}?x=y#z"))),
        with("htu", json!(format!("{CONSOLE_ORIGIN}/v1/keys"))),
        with("nonce", json!("of another")),
    ] {
        let answer = list_keys(verifier, token, &[&good]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_proof_is_used_once_wherever() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let token = text(&tokens, "access_token");
    let beside = scene.verifier.beside().await;
    let now = scene.verifier.clock.now().seconds();
    let proof = scene.key.prove("GET", KEYS, Some(token), now);
    assert_eq!(
        list_keys(&scene.verifier, token, &[&proof]).await.status,
        200
    );
    for verifier in [&scene.verifier, &beside] {
        let answer = list_keys(verifier, token, &[&proof]).await;
        assert_eq!(answer.problem(), "unauthenticated");
    }
    assert_eq!(scene.failures(), ["dpop_replayed", "dpop_replayed"]);
    // Two at once, on two verifiers.
    let proof = scene.key.prove("GET", KEYS, Some(token), now);
    let proof = [proof.as_str()];
    let (one, two) = tokio::join!(
        list_keys(&scene.verifier, token, &proof),
        list_keys(&beside, token, &proof)
    );
    let good = [one, two]
        .iter()
        .filter(|answer| answer.status == 200)
        .count();
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_stolen_token_is_of_no_use_as_a_bearers_or_under_another_key() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let token = text(&tokens, "access_token");
    let bearer = super::get_with(&scene.verifier, "/v1/keys", &format!("Bearer {token}")).await;
    assert_eq!(bearer.problem(), "unauthenticated");
    assert_eq!(scene.failures(), ["token_scheme"]);
    scene.key = DpopKey::make();
    assert_eq!(scene.list_keys(token).await.problem(), "unauthenticated");
}

#[tokio::test]
async fn a_proof_at_the_token_endpoint_is_checked_too() {
    let mut scene = Scene::open().await;
    let (consent, code) = scene.code().await;
    let fields = consent.redemption(&scene.program, &code);
    let verifier = &scene.verifier;
    let body = waxseal_tests::form_encoded(&fields);
    let uri = format!("{CONSOLE_ORIGIN}/oauth/token");
    let now = verifier.clock.now().seconds();
    let ask = async |proof: &str| {
        let request = Request::builder()
            .method("POST")
            .uri("/oauth/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("dpop", proof);
        verifier
            .console(request.body(Body::from(body.clone())).unwrap())
            .await
    };
    let elsewhere = scene.key.prove("POST", &format!("{uri}x"), None, now);
    let old = scene.key.prove("POST", &uri, None, now - 61);
    for proof in ["", "x", &elsewhere, &old] {
        assert_eq!(error(&ask(proof).await), "invalid_dpop_proof", "{proof}");
    }
    let good = scene.key.prove("POST", &uri, None, now);
    assert_eq!(ask(&good).await.status, 200);
    assert_eq!(error(&ask(&good).await), "invalid_dpop_proof");
}
