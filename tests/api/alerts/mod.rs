//! What raises an alert, what does not, and what an alert goes through.

mod cities;
mod failures;
mod migration;
mod places;
mod states;
mod traffic;
mod webhook;

use serde_json::Value;
use waxseal_tests::{Staff, TestVerifier};

/// Every alert of a kind, latest first, as an operator reads it.
async fn alerts(verifier: &TestVerifier, staff: &Staff, kind: &str) -> Vec<Value> {
    let answer = staff
        .call(verifier, "GET", "/v1/alerts?limit=100", None)
        .await;
    assert_eq!(answer.status, 200);
    let all = answer.json()["data"].as_array().unwrap().clone();
    all.into_iter()
        .filter(|alert| alert["kind"] == kind)
        .collect()
}
