//! Versions of rules: stored, tried, active, taken back.

use serde_json::{Value, json};
use waxseal_verifier::mode::Mode;

use super::{ALLOW, LARGE, ORIGIN, scene};

#[tokio::test]
async fn a_merchant_s_own_rules_go_before_those_for_all_on_every_verifier() {
    let scene = scene().await;
    let other = scene.verifier.shop(Mode::Test, ORIGIN).await;
    let beside = scene.verifier.beside().await;
    let (all, own) = (
        scene.draft(LARGE, None).await,
        scene.draft(ALLOW, Some(&scene.shop.merchant_id)).await,
    );
    assert_eq!(scene.pay(100).await["decision"]["rule_set"], "builtin-2");
    scene.activate(&all).await;
    scene.activate(&own).await;
    let decided = scene.pay(100).await;
    assert_eq!(decided["decision"]["rule_set"], json!(own));
    assert_eq!(decided["decision"]["outcome"], "allow");
    let decided = scene.pay_at(&scene.verifier, &other, 100).await;
    assert_eq!(decided["decision"]["rule_set"], json!(all));
    assert_eq!(decided["decision"]["outcome"], "reject");
    // Another verifier has not looked yet.
    let late = scene.pay_at(&beside, &other, 100).await;
    assert_eq!(late["decision"]["rule_set"], "builtin-2");
    assert!(beside.app.rules.refresh(&beside.app.store).await.unwrap());
    assert!(!beside.app.rules.refresh(&beside.app.store).await.unwrap());
    let followed = scene.pay_at(&beside, &other, 100).await;
    assert_eq!(followed["decision"]["rule_set"], json!(all));
}

#[tokio::test]
async fn a_version_that_cannot_be_read_leaves_the_former_one_in_use() {
    let scene = scene().await;
    let (good, bad) = (
        scene.draft(LARGE, None).await,
        scene.draft(ALLOW, None).await,
    );
    scene.activate(&good).await;
    // A later release's words, activated by its verifier.
    let later = format!("UPDATE risk_rule_set SET text = 'rule later' WHERE id = '{bad}'");
    scene.verifier.database.run(&[
        &later,
        "UPDATE risk_rule_set SET state = 'kept' WHERE state = 'active'",
        &format!("UPDATE risk_rule_set SET state = 'active' WHERE id = '{bad}'"),
        "UPDATE risk_revision SET revision = revision + 1 WHERE name = 'rules'",
    ]);
    assert!(
        scene
            .verifier
            .app
            .rules
            .refresh(&scene.verifier.app.store)
            .await
            .unwrap()
    );
    assert_eq!(scene.pay(100).await["decision"]["rule_set"], json!(good));
    let refused = scene.post(&format!("/v1/rules/{bad}/shadow"), None).await;
    assert_eq!(refused.problem(), "rules_active");
}

#[tokio::test]
async fn a_shadow_s_verdict_is_kept_and_has_no_effect() {
    let scene = scene().await;
    let shadow = scene.draft(LARGE, None).await;
    let path = format!("/v1/rules/{shadow}/shadow");
    let tried = scene.post(&path, None).await;
    assert_eq!(tried.json()["state"], "shadow");
    let session = scene.pay(100).await;
    assert_eq!(session["decision"]["outcome"], "allow");
    assert_eq!(session["decision"]["rule_set"], "builtin-2");
    assert!(
        !session.to_string().contains(&shadow),
        "a merchant reads it"
    );
    let kept = serde_json::to_value(scene.replays(&session).await).unwrap();
    let wanted =
        json!({ "rule_set": shadow, "outcome": "reject", "points": 7, "matched": ["large"] });
    assert_eq!(kept["shadow"], wanted);
    let ended = scene
        .staff
        .call(&scene.verifier, "DELETE", &path, None)
        .await;
    assert_eq!(ended.status, 204);
    let ended = scene
        .staff
        .call(&scene.verifier, "DELETE", &path, None)
        .await;
    assert_eq!(ended.problem(), "not_found");
    let session = scene.pay(100).await;
    let kept = serde_json::to_value(scene.replays(&session).await).unwrap();
    assert_eq!(kept["shadow"], Value::Null);
    scene.activate(&shadow).await;
    assert_eq!(scene.post(&path, None).await.problem(), "rules_active");
    assert_eq!(
        (
            scene.audited("rules.shadowed"),
            scene.audited("rules.shadow_ended")
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn mistakes_are_told_with_their_places_and_nothing_is_stored() {
    let scene = scene().await;
    let stored = || {
        scene
            .verifier
            .database
            .number("SELECT count(*) FROM risk_rule_set")
    };
    let before = stored();
    let text = "rule \"a\"\n  when session.amount > 5 then reject reason x\nrule \"a\"\n  when ip.country == \"DE\" then flag reason y\n";
    let answer = scene.post("/v1/rules", Some(json!({ "text": text }))).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.problem(), "rules_invalid");
    let problem = answer.json();
    let errors: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["line"].as_u64().unwrap(),
                error["column"].as_u64().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        errors,
        [
            (2, 8, "attribute_unknown"),
            (3, 6, "name_taken"),
            (4, 8, "unknown_not_handled")
        ]
    );
    let text = "rule \"a\"\n  when ip.address in @nobody then reject reason x\n";
    let answer = scene.post("/v1/rules", Some(json!({ "text": text }))).await;
    assert_eq!(answer.json()["errors"][0]["code"], "list_unknown");
    assert_eq!(answer.json()["errors"][0]["column"], 22);
    let text = "rule \"a\"\n  when ip.address in @blocked_countries then reject reason x\n";
    let answer = scene.post("/v1/rules", Some(json!({ "text": text }))).await;
    assert_eq!(answer.json()["errors"][0]["code"], "type_mismatch");
    let with_number = format!("# 4242 4242 4242 4242\n{LARGE}");
    for (body, member) in [
        (json!({ "text": with_number }), "text"),
        (json!({ "text": LARGE, "note": "x".repeat(101) }), "note"),
        (json!({ "text": LARGE, "note": "4242424242424242" }), "note"),
        (json!({ "text": LARGE, "merchant": "" }), "merchant"),
        (json!({ "note": "x" }), "text"),
    ] {
        let answer = scene.post("/v1/rules", Some(body)).await;
        assert_eq!(answer.problem(), "request_invalid");
        assert_eq!(answer.json()["member"], member);
    }
    let body = json!({ "text": LARGE, "merchant": "mch_test_1" });
    assert_eq!(
        scene.post("/v1/rules", Some(body)).await.problem(),
        "merchant_unknown"
    );
    for path in ["activate", "shadow"] {
        let path = format!("/v1/rules/rls_1/{path}");
        assert_eq!(scene.post(&path, None).await.problem(), "not_found");
    }
    assert_eq!(stored(), before);
    assert_eq!(scene.audited("rules.created"), 0);
}

#[tokio::test]
async fn history_difference_and_the_way_back() {
    let scene = scene().await;
    let back = "/v1/rules/rollback";
    let nothing = scene.post(back, Some(json!({}))).await;
    assert_eq!(nothing.problem(), "rules_nothing_before");
    let (one, two) = (
        scene.draft(LARGE, None).await,
        scene.draft(ALLOW, None).await,
    );
    scene.activate(&one).await;
    let activated = scene.activate(&two).await;
    assert_eq!(activated["state"], "active");
    assert_eq!(activated["created_by"], scene.staff.id);
    assert_eq!(
        scene.read(&format!("/v1/rules/{one}")).await["state"],
        "kept"
    );
    // What is active already is not activated again.
    scene.activate(&two).await;
    let diff = scene.read(&format!("/v1/rules/{one}/diff")).await;
    assert_eq!((&diff["from"], &diff["to"]), (&json!(two), &json!(one)));
    let lines = diff["diff"].as_str().unwrap();
    assert!(
        lines.contains("\n-rule \"all\"\n") && lines.contains("\n+rule \"large\"\n"),
        "{lines}"
    );
    let same = scene
        .read(&format!("/v1/rules/{one}/diff?from={one}"))
        .await;
    assert_eq!(same["diff"], "");
    let rolled = scene.post(back, Some(json!({}))).await.json();
    assert_eq!(rolled["active"]["id"], json!(one));
    assert_eq!(scene.pay(100).await["decision"]["rule_set"], json!(one));
    let rolled = scene.post(back, Some(json!({}))).await.json();
    assert_eq!(rolled["active"], Value::Null);
    assert_eq!(scene.pay(100).await["decision"]["rule_set"], "builtin-2");
    let nothing = scene.post(back, Some(json!({}))).await;
    assert_eq!(nothing.problem(), "rules_nothing_before");
    let history = scene.read("/v1/rules/history?limit=4").await;
    let of = |page: &Value| -> Vec<(u64, String, Option<String>)> {
        let rows = page["data"].as_array().unwrap().iter();
        rows.map(|row| {
            assert_eq!(row["changed_by"], scene.staff.id);
            let set = row["rule_set"].as_str().map(str::to_owned);
            (
                row["number"].as_u64().unwrap(),
                row["change"].as_str().unwrap().to_owned(),
                set,
            )
        })
        .collect()
    };
    let done =
        |number, change: &str, set: Option<&String>| (number, change.to_owned(), set.cloned());
    let wanted = [
        done(1, "created", Some(&one)),
        done(2, "created", Some(&two)),
        done(3, "activated", Some(&one)),
        done(4, "activated", Some(&two)),
    ];
    assert_eq!(of(&history), wanted);
    let path = format!(
        "/v1/rules/history?after={}",
        history["next_cursor"].as_str().unwrap()
    );
    let wanted = [
        done(5, "rolled_back", Some(&one)),
        done(6, "rolled_back", None),
    ];
    assert_eq!(of(&scene.read(&path).await), wanted);
    assert_eq!(
        scene.audited("rules.activated") + scene.audited("rules.rolled_back"),
        4
    );
}
