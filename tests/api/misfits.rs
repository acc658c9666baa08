//! What a caller is told of a body that does not have the documented form.

use serde_json::{Value, json};
use waxseal_tests::{Answer, TestVerifier};
use waxseal_verifier::mode::Mode;

use crate::merchants::scene;

const ORIGIN: &str = "https://shop.example";

/// Stands wherever a caller may write: no answer may have it.
const WRITTEN: &str = "4242424242424242";

#[tokio::test]
async fn a_server_is_told_which_member_of_a_session_does_not_fit() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let changes: [(Value, Option<&str>, &str); 18] = [
        (json!({ "amount": WRITTEN }), Some("amount"), "type"),
        (json!({ "amount": 0 }), Some("amount"), "range"),
        (json!({ "amount": -1 }), Some("amount"), "range"),
        (
            json!({ "amount": 4_242_424_242_424_242_u64 }),
            Some("amount"),
            "range",
        ),
        (json!({ "amount": null }), Some("amount"), "type"),
        (json!({ "currency": WRITTEN }), Some("currency"), "format"),
        (json!({ "order_id": "" }), Some("order_id"), "length"),
        (
            json!({ "order_id": WRITTEN.repeat(5) }),
            Some("order_id"),
            "length",
        ),
        (
            json!({ "order_id": format!("{WRITTEN} ") }),
            Some("order_id"),
            "format",
        ),
        (
            json!({ "shipping_country": WRITTEN }),
            Some("shipping_country"),
            "format",
        ),
        (
            json!({ "accepted_brands": [WRITTEN] }),
            Some("accepted_brands"),
            "format",
        ),
        (
            json!({ "accepted_brands": [] }),
            Some("accepted_brands"),
            "length",
        ),
        (
            json!({ "accepted_brands": { WRITTEN: 1 } }),
            Some("accepted_brands"),
            "type",
        ),
        (json!({ "locale": WRITTEN }), Some("locale"), "format"),
        (
            json!({ "locale": WRITTEN.repeat(3) }),
            Some("locale"),
            "length",
        ),
        (json!({ "signals": WRITTEN }), Some("signals"), "format"),
        (
            json!({ "customer": format!("{WRITTEN} ") }),
            Some("customer"),
            "format",
        ),
        (json!({ WRITTEN: WRITTEN }), None, "unknown_member"),
    ];
    for (change, member, reason) in changes {
        let mut request = shop.session_request();
        let members = request.as_object_mut().unwrap();
        members.extend(change.as_object().unwrap().clone());
        let answer = verifier
            .call(&shop, "POST", "/v1/sessions", Some(request))
            .await;
        told(&answer, member, reason);
    }
    for member in ["amount", "currency", "order_id", "origin"] {
        let mut request = shop.session_request();
        request.as_object_mut().unwrap().remove(member);
        let answer = verifier
            .call(&shop, "POST", "/v1/sessions", Some(request))
            .await;
        told(&answer, Some(member), "missing");
    }
    let answer = verifier
        .call(&shop, "POST", "/v1/sessions", Some(json!([WRITTEN])))
        .await;
    told(&answer, None, "type");
}

#[tokio::test]
async fn a_server_is_told_that_a_sessions_new_amount_does_not_fit() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let request = shop.session_request();
    let made = verifier
        .call(&shop, "POST", "/v1/sessions", Some(request))
        .await
        .json();
    let path = format!("/v1/sessions/{}", made["id"].as_str().unwrap());
    let change = json!({ "rev": 1, "amount": 4_242_424_242_424_242_u64 });
    let answer = verifier.call(&shop, "PATCH", &path, Some(change)).await;
    told(&answer, Some("amount"), "range");
}

#[tokio::test]
async fn an_operator_is_told_which_member_does_not_fit() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let id = &merchant["id"];
    let bodies = [
        (
            "/v1/merchants",
            json!({ "name": "A", "mode": WRITTEN, "origins": [] }),
            "mode",
            "format",
        ),
        (
            "/v1/merchants",
            json!({ "name": "A", "mode": "test", "origins": [WRITTEN] }),
            "origins",
            "format",
        ),
        (
            "/v1/merchants",
            json!({ "name": " A", "mode": "test", "origins": [] }),
            "name",
            "format",
        ),
        (
            "/v1/clients",
            json!({ "merchant": id, "name": "A" }),
            "scopes",
            "missing",
        ),
        (
            "/v1/clients",
            json!({ "merchant": id, "name": "A", "scopes": [] }),
            "scopes",
            "length",
        ),
        (
            "/v1/clients",
            json!({ "merchant": id, "name": "A", "scopes": [WRITTEN] }),
            "scopes",
            "format",
        ),
        (
            "/v1/clients",
            json!({ "merchant": id, "name": "A", "role": WRITTEN }),
            "role",
            "format",
        ),
        (
            "/v1/clients",
            json!({ "merchant": id, "name": "A", "role": "support", "scopes": ["cards:read"] }),
            "role",
            "format",
        ),
        (
            "/v1/keys",
            json!({ "purpose": WRITTEN, "mode": "test" }),
            "purpose",
            "format",
        ),
        (
            "/v1/keys",
            json!({ "purpose": "dek", "mode": "test", "at_once": WRITTEN }),
            "at_once",
            "type",
        ),
    ];
    for (path, body, member, reason) in bodies {
        let answer = scene.call("POST", path, Some(body)).await;
        told(&answer, Some(member), reason);
    }
}

fn told(answer: &Answer, member: Option<&str>, reason: &str) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["code"], "request_invalid", "{}", answer.text);
    assert_eq!(body["reason"], reason, "{}", answer.text);
    assert_eq!(
        body.get("member").map(|member| member.as_str().unwrap()),
        member,
        "{}",
        answer.text
    );
    assert!(!answer.text.contains(WRITTEN), "{}", answer.text);
}
