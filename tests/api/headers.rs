//! Security headers, framing policy, caching and problem details.

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::{Answer, Checkout, TestVerifier, get};
use waxseal_verifier::{interface::Listener, mode::Mode, router};

const ORIGIN: &str = "https://shop.example";

/// What every answer has, however it came about.
const EVERYWHERE: [(&str, &str); 8] = [
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-opener-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    (
        "permissions-policy",
        "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), \
         geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
         serial=(), usb=()",
    ),
    ("referrer-policy", "no-referrer"),
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-permitted-cross-domain-policies", "none"),
];
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Asserts that the answer has these headers, those that every one has, and no other.
#[track_caller]
fn assert_headers(answer: &Answer, own: &[(&str, &str)]) {
    let mut expected: Vec<_> = EVERYWHERE.iter().chain(own).copied().collect();
    expected.sort_unstable();
    let mut found: Vec<_> = answer.headers.iter().collect();
    // What differs from answer to answer.
    let differs = |name: &str| {
        ["content-length", "x-request-id"].contains(&name) || name.starts_with("ratelimit")
    };
    found.retain(|(name, _)| !differs(name.as_str()));
    let mut found: Vec<_> = found
        .into_iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    let id = answer.headers["x-request-id"].to_str().unwrap();
    assert!(id.starts_with("req_"));
}

/// What an answer has that is data: not kept, not framed, not shared.
fn api(content_type: &str) -> [(&str, &str); 5] {
    [
        ("cache-control", "no-store"),
        ("content-security-policy", NOTHING),
        ("content-type", content_type),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ]
}

/// What a file has that pages of merchants load.
fn file<'h>(caching: &'h str, content_type: &'h str) -> [(&'h str, &'h str); 6] {
    [
        ("cache-control", caching),
        ("content-security-policy", NOTHING),
        ("content-type", content_type),
        ("cross-origin-resource-policy", "cross-origin"),
        ("vary", "accept-encoding"),
        ("x-frame-options", "DENY"),
    ]
}

#[tokio::test]
async fn each_kind_of_answer_has_its_headers_and_no_other() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let checkout = Checkout::open(&verifier, &shop).await;
    let public = async |path: &str| verifier.public(get(path, None)).await;

    let data = [
        public("/healthz").await,
        verifier.call(&shop, "GET", "/v1/cards", None).await,
        verifier.private(get("/openapi.json", None)).await,
        verifier
            .public(get("/v1/session", Some(&checkout.token)))
            .await,
    ];
    for answer in data {
        assert_headers(&answer, &api(JSON));
    }
    for path in [
        "/nothing",
        "/frame/assets/none.js",
        "/frame/assets/%ff",
        "/sdk/v0.1.0/%ff",
        "/sdk/v0.1.0/frame%2Findex.html",
        "/sdk/v0.1.0/frame%2Fassets%2Fframe.0123456789abcdef.js",
    ] {
        let answer = public(path).await;
        assert_headers(&answer, &api(PROBLEM));
        assert_eq!(answer.problem(), "not_found", "{path}");
    }
    let with = |header: (&'static str, &'static str)| [&api(PROBLEM)[..], &[header]].concat();
    let bearer = ("www-authenticate", "Bearer");
    assert_headers(&public("/v1/session").await, &with(bearer));
    let basic = ("www-authenticate", "Basic realm=\"waxseal\"");
    let answer = verifier.private(get("/v1/cards", None)).await;
    assert_headers(&answer, &with(basic));
    let answer = verifier.call(&shop, "PUT", "/v1/sessions", None).await;
    assert_headers(&answer, &with(("allow", "POST")));

    let script = public("/frame/assets/frame.0123456789abcdef.js").await;
    assert_headers(&script, &file(FOR_EVER, SCRIPT));
    let mut loader = file(FOR_EVER, SCRIPT).to_vec();
    loader.push(("access-control-allow-origin", "*"));
    assert_headers(&public("/sdk/v0.1.0/waxseal.js").await, &loader);
    let keys = public("/.well-known/jwks.json").await;
    let mut shared = api(JSON);
    shared[0].1 = "public, max-age=60";
    shared[3].1 = "cross-origin";
    assert_headers(&keys, &shared);

    let document = public(&format!("/frame/v1?s={}", checkout.session_id)).await;
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ORIGIN}"
    );
    let mut framed = file("no-store", "text/html; charset=utf-8");
    framed[1].1 = &policy;
    assert_headers(&document, &framed[..5]);
    let policy = policy.replace(ORIGIN, "'none'");
    framed[1].1 = &policy;
    assert_headers(&public("/frame/v1?s=x").await, &framed);
}

#[tokio::test]
async fn no_other_origin_may_read_an_answer_but_the_loaders() {
    let verifier = TestVerifier::start().await;
    for listener in Listener::ALL {
        for route in router::routes(listener) {
            for method in [route.method.as_str(), "OPTIONS"] {
                let request = Request::builder()
                    .method(method)
                    .uri(route.path)
                    .header("origin", "https://evil.example")
                    .header("access-control-request-method", "POST")
                    .header("access-control-request-headers", "authorization")
                    .body(Body::empty())
                    .unwrap();
                let answer = match listener {
                    Listener::Console => verifier.console(request).await,
                    Listener::Private => verifier.private(request).await,
                    Listener::Public => verifier.public(request).await,
                };
                let allows = |name: &str| name.starts_with("access-control-");
                let allowing = answer.headers.keys().find(|name| allows(name.as_str()));
                assert_eq!(allowing, None, "{method} {}", route.path);
            }
        }
    }
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
        let csp = answer.headers["content-security-policy"].to_str().unwrap();
        csp.rsplit_once("frame-ancestors ").unwrap().1.to_owned()
    };
    assert_eq!(ancestors(&verifier.public(get(&path, None)).await), ORIGIN);
    for unknown in [
        "/frame/v1",
        "/frame/v1?s=",
        "/frame/v1?s=cs_test_0",
        "/frame/v1?s=%00",
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
async fn the_loader_is_served_under_its_version_only() {
    let verifier = TestVerifier::start().await;
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
}
