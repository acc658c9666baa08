//! How often a caller may ask.

mod addresses;
mod at_once;
mod callers;
mod shared;
mod valkey;

use std::net::IpAddr;

use axum::{body::Body, http::Request};
use waxseal_tests::{Answer, TestVerifier, get};
use waxseal_verifier::{
    config::Config,
    limits::{Limit, Rate},
};

/// What the requirements name: 10 a second and a burst of 20.
const RATE: Rate = Rate::per_second(10, 20);

/// A verifier with that rate for one limit, and none for the others.
async fn with(limit: Limit) -> TestVerifier {
    TestVerifier::start_with(limiting(limit)).await
}

fn limiting(limit: Limit) -> impl FnOnce(&mut Config) {
    move |config| config.limits.rates.set(limit, RATE)
}

fn post_card() -> Request<Body> {
    Request::post("/v1/session/card")
        .body(Body::empty())
        .unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Health checks from that address until one is refused; how many were answered, and the refusal.
async fn until_refused(verifier: &TestVerifier, from: &str) -> (usize, Answer) {
    for count in 0..1000 {
        let answer = verifier.public_from(ip(from), get("/healthz", None)).await;
        if answer.status == 429 {
            return (count, answer);
        }
        assert_eq!(answer.status, 200);
    }
    panic!("nothing is refused");
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, 429);
    assert_eq!(answer.problem(), "rate_limited");
    assert_eq!(answer.json()["actor"], "network");
    assert_eq!(answer.headers["retry-after"], "1");
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap())
}
