//! Decisions, made again from what is kept of them.

use std::sync::Arc;

use serde_json::json;
use waxseal_engine::rules::SEED_TEXT;
use waxseal_tests::Staff;
use waxseal_verifier::records::{ModelReplay, ReplayError, replay};

use super::{ALLOW, LARGE, scene};

#[tokio::test]
async fn decisions_are_made_again_byte_for_byte_whatever_is_active_by_then() {
    let scene = scene().await;
    let listed =
        json!({ "value": "127.0.0.0/8", "reason": "tried", "expires_at": "2026-11-18T11:07:40Z" });
    let path = "/v1/lists/blocked_ips/entries";
    let allowed = scene.pay(10).await;
    assert_eq!(scene.post(path, Some(listed)).await.status, 201);
    let blocked = scene.pay(10).await;
    assert_eq!(blocked["decision"]["outcome"], "reject");
    // The entry has ended, and the replay goes by what the list said then.
    scene.verifier.clock.advance_millis(120_000);
    let mut sessions = vec![allowed, blocked];
    // Another set, and another model, each in turn.
    for (text, model) in [(LARGE, "first"), (ALLOW, "second"), (LARGE, "third")] {
        let id = scene.draft(text, None).await;
        scene.activate(&id).await;
        let version = scene.crown(model).await;
        let session = scene.pay(100).await;
        assert_eq!(session["decision"]["rule_set"], json!(id));
        let reasons = session["decision"]["reasons"].as_array().unwrap();
        assert_eq!(
            reasons.last().unwrap()["values"]["model.version"],
            json!(version)
        );
        sessions.push(session);
    }
    for session in &sessions {
        let replayed = scene.replays(session).await;
        assert_eq!(replayed.model, ModelReplay::ScoredAgain);
        assert_eq!(json!(replayed.rule_set), session["decision"]["rule_set"]);
        assert!(replayed.attributes.contains_key("session.amount_minor"));
        assert!(!replayed.attributes.contains_key("ip.address"));
    }
    // A model that is gone has its reason as it was stored.
    let removed = ["DELETE FROM risk_model WHERE version LIKE 'first%'"];
    scene.verifier.database.run(&removed);
    let replayed = scene.replays(&sessions[2]).await;
    assert_eq!(replayed.model, ModelReplay::AsStored);
    // Rules that are gone are told.
    let removed = ["DELETE FROM risk_rule_set WHERE text LIKE '%everybody%'"];
    scene.verifier.database.run(&removed);
    let gone = scene.replay(&sessions[3]).await;
    assert_eq!(gone.unwrap_err(), ReplayError::RulesGone);
}

#[tokio::test]
async fn a_replay_that_gives_another_decision_says_so() {
    let scene = scene().await;
    let id = scene.draft(LARGE, None).await;
    scene.activate(&id).await;
    let session = scene.pay(100).await;
    scene.replays(&session).await;
    // The digest is the row's own: a hand in the database that changes the text is seen.
    let altered =
        ["UPDATE risk_rule_set SET text = replace(text, '5000', '500000') WHERE state = 'active'"];
    scene.verifier.database.run(&altered);
    let gone = scene.replay(&session).await;
    assert_eq!(gone.unwrap_err(), ReplayError::RulesGone);
    let path = format!("/v1/cards/{}", session["card"]["id"].as_str().unwrap());
    let id = scene.submission_of(&session);
    scene.verifier.clock.advance_millis(3_600_000);
    let erased = scene
        .verifier
        .call(&scene.shop, "DELETE", &path, None)
        .await;
    assert_eq!(erased.status, 204, "{}", erased.text);
    let app = &scene.verifier.app;
    let gone = replay(&app.store, app.keyring(), id).await.unwrap();
    assert_eq!(gone.unwrap_err(), ReplayError::Erased);
    let nowhere = replay(&app.store, app.keyring(), "sub_test_1".to_owned());
    assert_eq!(nowhere.await.unwrap().unwrap_err(), ReplayError::NotFound);
}

#[tokio::test]
async fn the_shipped_rules_are_stored_once_for_replays_by_later_builds() {
    let scene = scene().await;
    let beside = scene.verifier.beside().await;
    let kept = scene.read("/v1/rules").await;
    let kept = kept["data"].as_array().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (&kept[0]["state"], &kept[0]["note"]),
        (&json!("kept"), &json!("builtin-2"))
    );
    let path = format!("/v1/rules/{}", kept[0]["id"].as_str().unwrap());
    assert_eq!(scene.read(&path).await["text"], SEED_TEXT);
    drop(beside);
}

#[tokio::test]
async fn snapshots_follow_the_keys_and_are_nobody_s_once_erased() {
    let scene = scene().await;
    let session = scene.pay(10).await;
    let keys = Staff::hire(&scene.verifier, "keys:write").await;
    let rotate = json!({ "purpose": "dek", "mode": "test" });
    let rotated = keys
        .call(&scene.verifier, "POST", "/v1/keys", Some(rotate))
        .await;
    assert_eq!(rotated.status, 201);
    let app = Arc::clone(&scene.verifier.app);
    waxseal_verifier::upkeep::follow_keys(&app, std::time::Duration::ZERO)
        .await
        .unwrap();
    scene.replays(&session).await;
    let stored = scene
        .verifier
        .database
        .bytes("SELECT facts_enc FROM submission");
    assert!(!stored.windows(9).any(|part| part == b"127.0.0.1"));
}
