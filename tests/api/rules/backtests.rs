//! What rules would have decided.

use serde_json::{Value, json};
use waxseal_verifier::mode::Mode;

use super::{ALLOW, LARGE, ORIGIN, scene};

#[tokio::test]
async fn a_backtest_says_what_would_have_been_decided_and_on_whom() {
    let scene = scene().await;
    let (fraud, good, card_fraud, unknown) = (
        scene.pay(200).await,
        scene.pay(100).await,
        scene.pay(60).await,
        scene.pay(10).await,
    );
    // Of another merchant.
    let other = scene.verifier.shop(Mode::Test, ORIGIN).await;
    scene.pay_at(&scene.verifier, &other, 100).await;
    let say = async |body: Value| {
        let said = scene
            .verifier
            .call(&scene.shop, "POST", "/v1/outcomes", Some(body))
            .await;
        assert_eq!(said.status, 201, "{}", said.text);
        scene.verifier.clock.advance_millis(1000);
    };
    // The card is the same: its outcome is for the sessions that have none of their own.
    say(json!({ "card": fraud["card"]["id"], "kind": "chargeback" })).await;
    say(json!({ "session": fraud["id"], "kind": "legitimate" })).await;
    say(json!({ "session": fraud["id"], "kind": "fraud" })).await;
    say(json!({ "session": good["id"], "kind": "legitimate" })).await;
    drop((card_fraud, unknown));
    let merchant = &scene.shop.merchant_id;
    let ask = async |body: Value| scene.post("/v1/rules/backtest", Some(body)).await;
    let tested = ask(json!({ "text": LARGE, "merchant": merchant })).await;
    assert_eq!(tested.status, 200, "{}", tested.text);
    let tested = tested.json();
    assert_eq!(
        (&tested["decisions"], &tested["complete"]),
        (&json!(4), &json!(true))
    );
    assert_eq!(
        (&tested["damaged"], &tested["without_snapshot"]),
        (&json!(0), &json!(0))
    );
    let cell = |decisions: u64, frauds: u64, good: u64, usd: u64, fraud_usd: u64, good_usd: u64| {
        json!({
            "decisions": decisions, "frauds": frauds, "good_customers": good, "usd_micros": usd * 1_000_000,
            "fraud_usd_micros": fraud_usd * 1_000_000, "good_usd_micros": good_usd * 1_000_000,
        })
    };
    let rejected = cell(3, 2, 1, 360, 260, 100);
    assert_eq!(tested["candidate"]["reject"], rejected);
    assert_eq!(tested["candidate"]["matched"], rejected);
    assert_eq!(tested["candidate"]["allow"], cell(1, 1, 0, 10, 10, 0));
    assert_eq!(tested["today"]["matched"], cell(0, 0, 0, 0, 0, 0));
    assert_eq!(tested["today"]["allow"]["decisions"], 4);
    let mut change = rejected.clone();
    change["from"] = json!("allow");
    change["to"] = json!("reject");
    assert_eq!(tested["changes"], json!([change]));
    let mut rule = rejected;
    rule["rule"] = json!("large");
    assert_eq!(tested["rules"], json!([rule]));
    // Against what is active today, on stored text, within bounds of time.
    let stored = scene.draft(LARGE, None).await;
    scene.activate(&stored).await;
    let tested = ask(json!({ "rule_set": stored, "merchant": merchant }))
        .await
        .json();
    assert_eq!(tested["changes"], json!([]));
    assert_eq!(tested["today"], tested["candidate"]);
    let tested = ask(json!({ "text": ALLOW, "mode": "test" })).await.json();
    assert_eq!(
        (
            &tested["decisions"],
            &tested["today"]["reject"]["decisions"]
        ),
        (&json!(5), &json!(4))
    );
    let tested = ask(json!({ "text": ALLOW })).await.json();
    assert_eq!(tested["decisions"], 0);
    let late = json!({ "text": ALLOW, "mode": "test", "since": "2026-11-18T11:06:41Z" });
    assert_eq!(ask(late).await.json()["decisions"], 0);
    let early = json!({ "text": ALLOW, "mode": "test", "until": "2026-11-18T11:06:39Z" });
    assert_eq!(ask(early).await.json()["decisions"], 0);
}

#[tokio::test]
async fn a_backtest_asks_lists_as_they_were_and_new_ones_as_they_are() {
    let scene = scene().await;
    let entry = |value: &str| json!({ "value": value, "reason": "tried", "expires_at": "2026-12-18T11:06:40Z" });
    let put = async |list: &str, value: &str| {
        let path = format!("/v1/lists/{list}/entries");
        let put = scene.post(&path, Some(entry(value))).await;
        assert_eq!(put.status, 201, "{}", put.text);
        format!("{path}/{}", put.json()["id"].as_str().unwrap())
    };
    let path = put("blocked_ips", "127.0.0.1").await;
    scene.pay(1).await;
    let removed = scene
        .staff
        .call(&scene.verifier, "DELETE", &path, None)
        .await;
    assert_eq!(removed.status, 204);
    let session = scene.pay(1).await;
    put("blocked_cards", session["card"]["id"].as_str().unwrap()).await;
    let ask = async |text: &str| {
        let body = json!({ "text": text, "mode": "test" });
        let tested = scene.post("/v1/rules/backtest", Some(body)).await.json();
        assert_eq!(tested["failed"], 0);
        tested["candidate"]["reject"]["decisions"].clone()
    };
    let by_address = "rule \"a\" when ip.address in @blocked_ips then reject reason a";
    assert_eq!(ask(by_address).await, 1);
    let by_card = "rule \"a\" when card.id else \"\" in @blocked_cards then reject reason a";
    assert_eq!(ask(by_card).await, 2);
}

#[tokio::test]
async fn a_backtest_without_rules_or_beside_another_is_refused() {
    let scene = scene().await;
    let ask = async |body: Value| scene.post("/v1/rules/backtest", Some(body)).await;
    for (body, member) in [
        (json!({}), "text"),
        (json!({ "text": LARGE, "rule_set": "rls_1" }), "rule_set"),
        (json!({ "text": LARGE, "since": "yesterday" }), "since"),
        (json!({ "text": LARGE, "until": "1" }), "until"),
    ] {
        let answer = ask(body).await;
        assert_eq!(answer.problem(), "request_invalid");
        assert_eq!(answer.json()["member"], member);
    }
    assert_eq!(
        ask(json!({ "rule_set": "rls_1" })).await.problem(),
        "not_found"
    );
    assert_eq!(
        ask(json!({ "text": "rule" })).await.problem(),
        "rules_invalid"
    );
    let held = scene.verifier.app.backtests.take().unwrap();
    assert_eq!(ask(json!({ "text": LARGE })).await.problem(), "unavailable");
    drop(held);
    assert_eq!(ask(json!({ "text": LARGE })).await.status, 200);
    assert_eq!(scene.audited("rules.backtested"), 1);
}
