//! Decisions without a session.

use std::{sync::Arc, time::Duration};

use axum::http::Method;
use serde_json::{Value, json};
use waxseal_tests::{Answer, Checkout, Shop, Staff, TestVerifier, VISA};
use waxseal_verifier::{
    identity::Scopes,
    mode::Mode,
    records::{Replay, replay},
    upkeep, vault,
};

const ORIGIN: &str = "https://shop.example";
const PATH: &str = "/v1/assessments";

fn body() -> Value {
    json!({ "amount": 1999, "currency": "USD", "ip": "192.0.2.7", "bin": "42424242", "shipping_country": "DE" })
}

async fn ask(verifier: &TestVerifier, shop: &Shop, body: Value) -> Answer {
    verifier.call(shop, "POST", PATH, Some(body)).await
}

async fn replayed(verifier: &TestVerifier, made: &Value) -> Replay {
    let app = &verifier.app;
    let id = made["id"].as_str().unwrap().to_owned();
    let replay = replay(&app.store, app.keyring(), id)
        .await
        .unwrap()
        .unwrap();
    assert!(replay.identical, "{:?}", replay.stored);
    replay
}

async fn paid_card(verifier: &TestVerifier, shop: &Shop) -> String {
    let mut request = shop.session_request();
    request["amount"] = json!(490_000);
    let mut checkout = Checkout::open_with(verifier, shop, request).await;
    assert_eq!(checkout.pay(verifier, VISA).await.status, 200);
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(shop, "GET", &path, None).await.json();
    session["card"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_rules_lists_and_sums_decide_and_the_decision_is_replayed() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let made = ask(&verifier, &shop, body()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert!(made["id"].as_str().unwrap().starts_with("asm_test_"));
    assert_eq!(made["decision"]["outcome"], "allow");
    assert_eq!(made["decision"]["rule_set"], "builtin-2");
    assert_eq!(made["decision"]["facts"]["usd_micros"], 19_990_000);
    let again = replayed(&verifier, &made).await;
    assert_eq!(again.session, None);
    // What the card has paid within the hour counts, an assessment itself does not.
    let card = paid_card(&verifier, &shop).await;
    let mut of_card = body();
    of_card.as_object_mut().unwrap().remove("bin");
    of_card["card"] = json!(card);
    of_card["amount"] = json!(20_000);
    for _ in 0..2 {
        let made = ask(&verifier, &shop, of_card.clone()).await.json();
        assert_eq!(made["decision"]["outcome"], "review");
        assert_eq!(
            made["decision"]["facts"]["other_usd_micros"],
            4_900_000_000_i64
        );
        replayed(&verifier, &made).await;
    }
    let staff = Staff::hire(&verifier, "lists:write").await;
    let entry =
        json!({ "value": "192.0.2.0/24", "reason": "tried", "expires_at": "2026-12-18T11:06:40Z" });
    let path = "/v1/lists/blocked_ips/entries";
    assert_eq!(
        staff
            .call(&verifier, "POST", path, Some(entry))
            .await
            .status,
        201
    );
    let made = ask(&verifier, &shop, body()).await.json();
    assert_eq!(made["decision"]["outcome"], "reject");
    replayed(&verifier, &made).await;
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM audit WHERE action = 'assessment.made'"),
        4
    );
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM velocity_event"),
        1
    );
}

#[tokio::test]
async fn what_is_not_as_it_has_to_be_is_refused_and_leaves_nothing() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let changed = |change: Value| {
        let mut body = body();
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        body
    };
    for (change, member) in [
        (json!({ "amount": 0 }), "amount"),
        (json!({ "currency": "XXX1" }), "currency"),
        (json!({ "bin": "42424" }), "bin"),
        (json!({ "bin": "4242424242424242" }), "bin"),
        (json!({ "card": "card_test_1" }), "bin"),
        (json!({ "email_digest": "ann@example.com" }), "email_digest"),
        (json!({ "ip": "everywhere" }), "ip"),
        (json!({ "shipping_country": "XX" }), "shipping_country"),
    ] {
        let refused = ask(&verifier, &shop, changed(change.clone())).await;
        assert_eq!(refused.problem(), "request_invalid", "{change}");
        assert_eq!(refused.json()["member"], member, "{change}");
    }
    let other = verifier.shop(Mode::Test, ORIGIN).await;
    let card = paid_card(&verifier, &other).await;
    let foreign = changed(json!({ "bin": null, "card": card }));
    assert_eq!(
        ask(&verifier, &shop, foreign.clone()).await.problem(),
        "not_found"
    );
    assert_eq!(ask(&verifier, &other, foreign).await.status, 201);
    let scopes = Scopes::parse("cards:read risk:label sessions:read sessions:write");
    let narrow = verifier.shop_with(Mode::Test, ORIGIN, &scopes).await;
    assert_eq!(ask(&verifier, &narrow, body()).await.problem(), "forbidden");
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM risk_assessment"),
        1
    );
}

#[tokio::test]
async fn asked_again_under_one_key_it_is_one_decision() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let ask = async |body: Value| {
        let request = axum::http::Request::builder()
            .method(Method::POST)
            .uri(PATH)
            .header("authorization", shop.authorization())
            .header("content-type", "application/json")
            .header("idempotency-key", "renewal-1")
            .body(axum::body::Body::from(body.to_string()))
            .unwrap();
        verifier.private(request).await
    };
    let first = ask(body()).await;
    assert_eq!(first.status, 201, "{}", first.text);
    verifier.clock.advance_millis(60_000);
    assert_eq!(ask(body()).await.json(), first.json());
    let mut other = body();
    other["amount"] = json!(5);
    assert_eq!(ask(other).await.problem(), "idempotency_conflict");
    assert_eq!(
        verifier
            .database
            .number("SELECT count(*) FROM risk_assessment"),
        1
    );
}

#[tokio::test]
async fn it_is_encrypted_follows_the_keys_and_goes_with_its_card() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let card = paid_card(&verifier, &shop).await;
    let of_card = json!({ "amount": 5, "currency": "USD", "ip": "192.0.2.7", "card": card });
    let made = ask(&verifier, &shop, of_card).await.json();
    ask(&verifier, &shop, body()).await;
    let stored = || {
        verifier
            .database
            .bytes("SELECT record_enc FROM risk_assessment ORDER BY card_id DESC")
    };
    let before = stored();
    assert!(!before.windows(8).any(|part| part == b"192.0.2."));
    let keys = Staff::hire(&verifier, "keys:write").await;
    let rotate = json!({ "purpose": "dek", "mode": "test" });
    assert_eq!(
        keys.call(&verifier, "POST", "/v1/keys", Some(rotate))
            .await
            .status,
        201
    );
    upkeep::follow_keys(&verifier.app, Duration::ZERO)
        .await
        .unwrap();
    assert_ne!(stored(), before);
    replayed(&verifier, &made).await;
    let keyring = verifier.app.keyring();
    let inspect = async || {
        let keyring = Arc::clone(&keyring);
        let inspected = verifier
            .app
            .store
            .read(move |connection| vault::inspect(connection, &keyring));
        let found = inspected.await.unwrap();
        (found.assessments, found.damaged)
    };
    assert_eq!(inspect().await, (2, 0));
    verifier.clock.advance_millis(3_600_000);
    let path = format!("/v1/cards/{card}");
    assert_eq!(
        verifier.call(&shop, "DELETE", &path, None).await.status,
        204
    );
    assert_eq!(inspect().await, (1, 0));
    // One that is moved to another card is none.
    verifier
        .database
        .run(&["UPDATE risk_assessment SET card_id = 'card_test_1'"]);
    assert_eq!(inspect().await, (0, 1));
}
