//! Five failed authentications within a minute.

use std::net::IpAddr;

use axum::{body::Body, http::Request};
use serde_json::json;
use waxseal_tests::{Staff, TestVerifier, get};
use waxseal_verifier::mode::Mode;

use super::alerts;

const KIND: &str = "auth_failures";
const SCOPES: &str = "alerts:read alerts:write";

async fn fail(verifier: &TestVerifier, times: usize) {
    for _ in 0..times {
        let answer = verifier.public(get("/v1/session", Some("x"))).await;
        assert_eq!(answer.problem(), "client_token_invalid");
    }
    verifier.look().await;
}

#[tokio::test]
async fn four_raise_none_and_five_raise_one() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    fail(&verifier, 4).await;
    assert!(alerts(&verifier, &staff, KIND).await.is_empty());
    fail(&verifier, 1).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0]["count"], 5);
    assert_eq!(raised[0]["state"], "open");
    assert_eq!(raised[0]["subject"]["kind"], "address");
    let pseudonym = raised[0]["subject"]["id"].as_str().unwrap();
    assert!(
        pseudonym.len() == 32 && !pseudonym.contains('.'),
        "{pseudonym}"
    );
    fail(&verifier, 10).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0]["count"], 15);
}

#[tokio::test]
async fn five_in_a_minute_and_a_second_raise_none() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    fail(&verifier, 1).await;
    verifier.clock.advance_millis(30_000);
    fail(&verifier, 3).await;
    verifier.clock.advance_millis(30_000);
    fail(&verifier, 1).await;
    assert!(alerts(&verifier, &staff, KIND).await.is_empty(), "60 s");
    verifier.clock.advance_millis(1000);
    assert!(alerts(&verifier, &staff, KIND).await.is_empty(), "61 s");
    // A millisecond before the first of these is out of the minute, there are five.
    verifier.clock.advance_millis(28_999);
    fail(&verifier, 1).await;
    assert_eq!(alerts(&verifier, &staff, KIND).await.len(), 1);
}

#[tokio::test]
async fn an_acknowledged_alert_counts_on_and_after_a_closed_one_comes_another() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    fail(&verifier, 5).await;
    let id = alerts(&verifier, &staff, KIND).await[0]["id"].clone();
    let path = |what: &str| format!("/v1/alerts/{}/{what}", id.as_str().unwrap());
    let call = async |what: &str| {
        let answer = staff
            .call(&verifier, "POST", &path(what), Some(json!({})))
            .await;
        assert_eq!(answer.status, 200);
        answer.json()["state"].clone()
    };
    assert_eq!(call("acknowledge").await, "acknowledged");
    verifier.clock.advance_millis(1000);
    fail(&verifier, 1).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!((raised.len(), &raised[0]["count"]), (1, &json!(6)));
    assert_eq!(raised[0]["last_seen_at"], "2026-11-18T11:06:41Z");
    assert_eq!(call("close").await, "closed");
    verifier.clock.advance_millis(1);
    // What was before it was closed is dealt with.
    fail(&verifier, 4).await;
    assert_eq!(alerts(&verifier, &staff, KIND).await.len(), 1);
    fail(&verifier, 1).await;
    let raised = alerts(&verifier, &staff, KIND).await;
    assert_eq!(raised.len(), 2);
    assert_eq!(
        (&raised[0]["state"], &raised[1]["state"]),
        (&json!("open"), &json!("closed"))
    );
    assert_eq!(raised[0]["count"], 5);
}

#[tokio::test]
async fn verifiers_of_one_database_count_together() {
    let first = TestVerifier::start().await;
    let staff = Staff::hire(&first, SCOPES).await;
    let second = first.beside().await;
    fail(&first, 3).await;
    fail(&second, 3).await;
    let raised = alerts(&first, &staff, KIND).await;
    assert_eq!((raised.len(), &raised[0]["count"]), (1, &json!(6)));
    fail(&first, 1).await;
    fail(&second, 1).await;
    let raised = alerts(&first, &staff, KIND).await;
    assert_eq!((raised.len(), &raised[0]["count"]), (1, &json!(8)));
}

#[tokio::test]
async fn a_client_is_counted_over_all_addresses_if_there_is_one() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, SCOPES).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for id in [shop.client_id(), "cli_test_01m8q4t1p0zzzzzzzzzzzzzzz1"] {
        for host in 1..=5 {
            let from: IpAddr = [192, 0, 2, host].into();
            let request = Request::get("/v1/cards").header("authorization", wrong(id));
            let answer = verifier.private_from(from, request.body(Body::empty()).unwrap());
            assert_eq!(answer.await.problem(), "unauthenticated");
        }
    }
    verifier.look().await;
    let raised = alerts(&verifier, &staff, KIND).await;
    let subjects: Vec<_> = raised.iter().map(|alert| &alert["subject"]).collect();
    assert_eq!(
        subjects,
        [&json!({ "kind": "client", "id": shop.client_id() })]
    );
}

fn wrong(id: &str) -> String {
    let staff = Staff {
        id: id.to_owned(),
        secret: format!("wxs_{}", "A".repeat(43)),
    };
    staff.authorization()
}
