//! How much is worked on at once.

use std::time::Duration;

use axum::{body::Body, http::header};
use futures_util::stream;
use waxseal_tests::{Checkout, TestVerifier, get};
use waxseal_verifier::mode::Mode;

#[tokio::test]
async fn what_comes_while_all_places_are_taken_is_told_to_come_again() {
    let verifier = TestVerifier::start_with(|config| config.limits.requests = 2).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let checkout = Checkout::open(&verifier, &shop).await;
    let stuck = || {
        let mut request = checkout.request("");
        *request.body_mut() =
            Body::from_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
        verifier.public(request)
    };
    let (one, other) = (stuck(), stuck());
    tokio::pin!(one, other);
    // Real time: how long an answer does not come is not to be seen on a clock that stands still. Were it too short
    // for a request to take its place, the next one would be answered, and the test fail.
    for stuck in [&mut one, &mut other] {
        let waiting = tokio::time::timeout(Duration::from_millis(100), stuck).await;
        assert!(waiting.is_err(), "it waits for the body");
    }
    let refused = verifier
        .public(get("/v1/session", Some(&checkout.token)))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem().as_str()),
        (503, "unavailable")
    );
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");
    // It lives, and the other listener has places of its own.
    for path in ["/healthz", "/readyz"] {
        assert_eq!(verifier.public(get(path, None)).await.status, 200);
    }
    assert_eq!(
        verifier.call(&shop, "GET", "/v1/cards", None).await.status,
        200
    );
    // A caller that goes away leaves its place, and one that is answered too.
    one.set(stuck());
    let view = || verifier.public(get("/v1/session", Some(&checkout.token)));
    for _ in 0..5 {
        assert_eq!(view().await.status, 200);
    }
}
