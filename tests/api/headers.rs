//! Security headers (S24), framing policy, caching and problem details.

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::{Answer, Checkout, TestVerifier, get};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";

fn assert_hardened(answer: &Answer) {
    let header = |name: &str| {
        answer
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    assert_eq!(
        header("strict-transport-security"),
        Some("max-age=63072000; includeSubDomains")
    );
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
    assert_eq!(header("referrer-policy"), Some("no-referrer"));
    assert_eq!(header("cross-origin-opener-policy"), Some("same-origin"));
    assert_eq!(header("x-permitted-cross-domain-policies"), Some("none"));
    assert!(header("permissions-policy").unwrap().contains("camera=()"));
    assert!(
        header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert!(header("cross-origin-resource-policy").is_some());
    assert!(header("cache-control").is_some());
    assert!(header("x-request-id").unwrap().starts_with("req_"));
    assert!(header("server").is_none() && header("x-powered-by").is_none());
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let verifier = TestVerifier::start().await;
    for path in [
        "/.well-known/jwks.json",
        "/frame/v1",
        "/frame/v1?s=x",
        "/frame/assets/frame.0123456789abcdef.js",
        "/frame/assets/none.js",
        "/healthz",
        "/readyz",
        "/sdk/v0.1.0/waxseal.js",
        "/v1/session",
        "/v1/session/card",
        "/nothing",
        "/sdk/v0.1.0/frame%2Findex.html",
        "/sdk/v0.1.0/frame%2Fassets%2Fframe.0123456789abcdef.js",
        "/frame/assets/%ff",
        "/sdk/v0.1.0/%ff",
    ] {
        let answer = verifier.public(get(path, None)).await;
        assert_hardened(&answer);
        if !answer.status.is_success() {
            answer.problem();
        }
    }
    let api = verifier.public(get("/healthz", None)).await;
    assert_eq!(api.status, 200);
    assert_eq!(
        api.headers["content-security-policy"],
        "default-src 'none'; frame-ancestors 'none'"
    );
    assert_eq!(api.headers["x-frame-options"], "DENY");
    assert_eq!(api.headers["cache-control"], "no-store");
    assert_eq!(api.headers["cross-origin-resource-policy"], "same-origin");
    assert_hardened(&verifier.private(get("/v1/cards", None)).await);
}

#[tokio::test]
async fn the_frame_may_be_framed_by_its_sessions_origin_alone() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let checkout = Checkout::open(&verifier, &shop).await;
    let path = format!("/frame/v1?s={}", checkout.session_id);
    let ancestors = |answer: &Answer| {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(!answer.headers.contains_key("x-frame-options"));
        let csp = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            csp.contains("script-src 'self' 'wasm-unsafe-eval';"),
            "{csp}"
        );
        assert!(
            !csp.contains("unsafe-inline") && !csp.contains("'unsafe-eval'"),
            "{csp}"
        );
        csp.rsplit_once("frame-ancestors ").unwrap().1.to_owned()
    };
    assert_eq!(ancestors(&verifier.public(get(&path, None)).await), ORIGIN);
    for unknown in [
        "/frame/v1",
        "/frame/v1?s=",
        "/frame/v1?s=cs_test_0",
        "/frame/v1?s=%00&s=a",
    ] {
        assert_eq!(
            ancestors(&verifier.public(get(unknown, None)).await),
            "'none'",
            "{unknown}"
        );
    }
    verifier.clock.advance_millis(3_600_000);
    assert_eq!(
        ancestors(&verifier.public(get(&path, None)).await),
        "'none'"
    );
}

#[tokio::test]
async fn assets_are_immutable_and_compressed_on_request() {
    let verifier = TestVerifier::start().await;
    let path = "/frame/assets/frame.0123456789abcdef.js";
    let plain = verifier.public(get(path, None)).await;
    assert_eq!(plain.text, "export {};");
    assert_eq!(
        plain.headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        plain.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    assert_eq!(plain.headers["vary"], "accept-encoding");
    let request = Request::builder()
        .uri(path)
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .body(Body::empty())
        .unwrap();
    let compressed = verifier.public(request).await;
    assert_eq!(compressed.headers["content-encoding"], "br");
    assert_eq!(compressed.text, "compressed");
    for path in [
        "/frame/assets/..%2F..%2Fmanifest.json",
        "/frame/assets/../index.html",
    ] {
        assert_eq!(verifier.public(get(path, None)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_loader_is_served_to_any_origin_under_its_version_only() {
    let verifier = TestVerifier::start().await;
    let loader = verifier.public(get("/sdk/v0.1.0/waxseal.js", None)).await;
    assert_eq!(loader.headers["access-control-allow-origin"], "*");
    assert_eq!(
        loader.headers["cross-origin-resource-policy"],
        "cross-origin"
    );
    for path in [
        "/sdk/v0.0.9/waxseal.js",
        "/sdk/v0.1.0/frame",
        "/sdk/v0.1.0/nothing.js",
    ] {
        assert_eq!(
            verifier.public(get(path, None)).await.problem(),
            "not_found"
        );
    }
    for path in ["/v1/session", "/healthz", "/.well-known/jwks.json"] {
        let answer = verifier.public(get(path, None)).await;
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
}
