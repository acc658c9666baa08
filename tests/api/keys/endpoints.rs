//! Keys over HTTP: the same as by command, and the running verifier follows at once.

use serde_json::{Value, json};
use waxseal_tests::{Answer, MASTERCARD, Staff, VISA};
use waxseal_verifier::{mode::Mode, store::key_state::KeyState};

use super::{Scene, scene};

async fn staffed() -> (Scene, Staff) {
    let scene = scene().await;
    let staff = Staff::hire(&scene.verifier, "keys:read keys:write").await;
    (scene, staff)
}

impl Scene {
    async fn post(&self, staff: &Staff, path: &str, body: Option<Value>) -> Answer {
        staff.call(&self.verifier, "POST", path, body).await
    }

    async fn listed(&self, staff: &Staff) -> Vec<Value> {
        let answer = staff.call(&self.verifier, "GET", "/v1/keys", None).await;
        assert_eq!(answer.status, 200);
        answer.json()["data"].as_array().unwrap().clone()
    }

    async fn active(&self, staff: &Staff, purpose: &str) -> String {
        let all = self.listed(staff).await;
        let found = all.iter().find(|key| {
            key["purpose"] == purpose && key["mode"] == "test" && key["state"] == "active"
        });
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn rotate_by(&self, staff: &Staff, purpose: &str) -> Answer {
        // Keys are listed by age.
        self.verifier.clock.advance_millis(1000);
        let body = json!({ "purpose": purpose, "mode": "test", "at_once": true });
        self.post(staff, "/v1/keys", Some(body)).await
    }
}

#[tokio::test]
async fn the_list_has_states_and_dates_and_nothing_of_a_key() {
    let (scene, staff) = staffed().await;
    let all = scene.listed(&staff).await;
    assert_eq!(all.len(), 17);
    for key in &all {
        let names: Vec<_> = key.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            names,
            [
                "activated_at",
                "created_at",
                "destroyed_at",
                "id",
                "mode",
                "purpose",
                "retired_at",
                "state",
                "version"
            ]
        );
        assert_eq!(
            (
                &key["state"],
                &key["version"],
                &key["created_at"],
                &key["retired_at"]
            ),
            (
                &json!("active"),
                &json!(1),
                &json!("2026-11-18T11:06:40Z"),
                &Value::Null
            )
        );
    }
}

#[tokio::test]
async fn a_key_that_is_made_is_used_at_once_and_the_audit_says_by_whom() {
    let (scene, staff) = staffed().await;
    let former = scene.open().await.key.kid;
    let made = scene.rotate_by(&staff, "sealing").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (
            &made["purpose"],
            &made["mode"],
            &made["version"],
            &made["state"]
        ),
        (
            &json!("sealing"),
            &json!("test"),
            &json!(2),
            &json!("active")
        )
    );
    assert!(scene.open().await.key.kid != former);
    let logged = scene.verifier.database.texts(&format!(
        "SELECT action FROM audit WHERE operator_id = '{}' AND length(request_id) = 16
             AND key_id IS NOT NULL AND reason = 'sealing' ORDER BY seq",
        staff.id
    ));
    assert_eq!(logged, ["key.made", "key.retired", "key.activated"]);

    // Without `at_once` it is published first.
    let body = json!({ "purpose": "sealing", "mode": "test" });
    let pending = scene.post(&staff, "/v1/keys", Some(body.clone())).await;
    assert_eq!(pending.json()["state"], "pending");
    assert_eq!(scene.published().await.len(), 4);
    let again = scene.post(&staff, "/v1/keys", Some(body)).await;
    assert_eq!(again.problem(), "key_next_waiting");
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn what_is_no_such_key_is_not_made() {
    let (scene, staff) = staffed().await;
    for body in [
        json!({}),
        json!({ "purpose": "sealing" }),
        json!({ "purpose": "kek", "mode": "test" }),
        json!({ "purpose": "dek", "mode": "both" }),
        json!({ "purpose": "dek", "mode": "test", "wrapped": "" }),
    ] {
        let answer = scene.post(&staff, "/v1/keys", Some(body)).await;
        assert_eq!(answer.problem(), "request_invalid");
    }
    let answer = scene.rotate_by(&staff, "pseudonym").await;
    assert_eq!(answer.problem(), "key_not_rotatable");
    assert_eq!(scene.listed(&staff).await.len(), 17);
}

#[tokio::test]
async fn a_revoked_key_is_refused_from_the_next_submission_on() {
    let (scene, staff) = staffed().await;
    let mut open = scene.open().await;
    let id = scene.active(&staff, "sealing").await;
    let revoked = scene
        .post(&staff, &format!("/v1/keys/{id}/revoke"), None)
        .await;
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    assert_eq!(
        (&revoked.json()["id"], &revoked.json()["state"]),
        (&json!(id), &json!("revoked"))
    );
    let refused = open.pay(&scene.verifier, VISA).await;
    assert_eq!(refused.problem(), "key_revoked");
    // Its successor was made with it.
    scene.buy(VISA).await;
}

#[tokio::test]
async fn a_retired_key_still_opens_and_another_takes_its_place() {
    let (scene, staff) = staffed().await;
    let mut open = scene.open().await;
    let id = scene.active(&staff, "sealing").await;
    let path = format!("/v1/keys/{id}/retire");
    let retired = scene.post(&staff, &path, None).await.json();
    assert_eq!(retired["state"], "retired");
    assert_eq!(retired["retired_at"], "2026-11-18T11:06:40Z");
    assert_eq!(open.pay(&scene.verifier, VISA).await.status, 200);
    let again = scene.post(&staff, &path, None).await;
    assert_eq!(again.problem(), "key_state_conflict");
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn every_other_change_is_refused_with_its_own_code() {
    let (scene, staff) = staffed().await;
    let dek = scene.active(&staff, "dek").await;
    for (path, code, status) in [
        (format!("/v1/keys/{dek}/retire"), "key_needs_successor", 409),
        (format!("/v1/keys/{dek}/revoke"), "key_needs_successor", 409),
        (format!("/v1/keys/{dek}/destroy"), "key_state_conflict", 409),
        (
            "/v1/keys/0000000000000000/revoke".to_owned(),
            "not_found",
            404,
        ),
        ("/v1/keys/%ff/revoke".to_owned(), "not_found", 404),
        (format!("/v1/keys/{dek}/activate"), "not_found", 404),
    ] {
        let answer = scene.post(&staff, &path, None).await;
        assert_eq!(answer.problem(), code, "{path}");
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn a_key_is_destroyed_when_nothing_is_encrypted_under_it_any_more() {
    let (scene, staff) = staffed().await;
    let former = scene.active(&staff, "dek").await;
    scene.buy(VISA).await;
    scene.buy(MASTERCARD).await;
    assert_eq!(scene.rotate_by(&staff, "dek").await.status, 201);
    let path = format!("/v1/keys/{former}/destroy");
    let fresh = scene.post(&staff, &path, None).await;
    assert_eq!(fresh.problem(), "key_too_fresh");

    scene.verifier.clock.advance_millis(60 * 60 * 1000);
    let used = scene.post(&staff, &path, None).await;
    assert_eq!(used.status, 409);
    // Two cards of two values, two submissions of four.
    assert_eq!(
        (&used.json()["code"], &used.json()["values"]),
        (&json!("key_in_use"), &json!(12))
    );
    waxseal_verifier::upkeep::move_rows(&scene.verifier.app, std::time::Duration::ZERO)
        .await
        .unwrap();
    let destroyed = scene.post(&staff, &path, None).await.json();
    assert_eq!(destroyed["state"], "destroyed");
    let wiped = format!("SELECT count(*) FROM key WHERE id = '{former}' AND length(wrapped) = 0");
    assert_eq!(scene.verifier.database.number(&wiped), 1);
    scene.buy(VISA).await;
}

#[tokio::test]
async fn a_reason_of_a_reveal_counts_as_a_use() {
    let (scene, staff) = staffed().await;
    scene.buy(VISA).await;
    let eyes = Staff::hire(&scene.verifier, "cards:reveal").await;
    let card = scene
        .verifier
        .database
        .texts("SELECT id_text('card', id) FROM card")
        .remove(0);
    let why = json!({ "reason": "Chargeback 4711" });
    let path = format!("/v1/cards/{card}/reveal");
    let shown = eyes.call(&scene.verifier, "POST", &path, Some(why)).await;
    assert_eq!(shown.status, 200);
    let former = scene.active(&staff, "dek").await;
    scene.rotate_by(&staff, "dek").await;
    scene.verifier.clock.advance_millis(60 * 60 * 1000);
    let used = scene
        .post(&staff, &format!("/v1/keys/{former}/destroy"), None)
        .await;
    assert_eq!(used.json()["values"], 7);
}

/// Upkeep looks whether the keys are others, not whether it was the one that read them.
#[tokio::test]
async fn the_rows_follow_a_key_that_a_request_has_changed() {
    let (scene, staff) = staffed().await;
    scene.buy(VISA).await;
    let upkeep = tokio::spawn(waxseal_verifier::upkeep::run(std::sync::Arc::clone(
        &scene.verifier.app,
    )));
    // Its first round over the rows is behind it then.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(scene.rotate_by(&staff, "dek").await.status, 201);
    let [former, _] = scene
        .keys(waxseal_verifier::keys::Purpose::Dek)
        .await
        .try_into()
        .unwrap();
    assert_eq!((former.state, former.mode), (KeyState::Retired, Mode::Test));
    let moved = async {
        while scene.uses(&former).await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), moved).await;
    upkeep.abort();
    assert!(in_time.is_ok(), "the rows stay under the former key");
}

#[tokio::test]
async fn a_key_is_made_once_for_each_idempotency_key() {
    let (scene, staff) = staffed().await;
    let before = scene.listed(&staff).await.len();
    let post = async |key: &str, purpose: &str| {
        let body = json!({ "purpose": purpose, "mode": "test" });
        staff
            .post_once(&scene.verifier, "/v1/keys", key, &body)
            .await
    };
    let first = post("k", "dek").await;
    assert_eq!(first.status, 201);
    let again = post("k", "dek").await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(post("k", "ff1").await.problem(), "idempotency_conflict");
    assert_eq!(scene.listed(&staff).await.len(), before + 1);
    // A repeated answer is of the key as it is now.
    assert_eq!(post("l", "dek").await.status, 201);
    assert_eq!(post("k", "dek").await.json()["state"], "retired");
    // What was refused binds no key.
    assert_eq!(post("m", "pseudonym").await.problem(), "key_not_rotatable");
    assert_eq!(post("m", "ff1").await.status, 201);
    assert_eq!(scene.listed(&staff).await.len(), before + 3);
}
