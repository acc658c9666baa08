//! What is erased is gone: from every table, from the disk, and from a backup that is brought back.

mod customers;
mod ledger;
mod traces;

use serde_json::{Value, json};
use waxseal_tests::{Database, MASTERCARD, TestVerifier, VISA};
use waxseal_verifier::{
    clock::Clock,
    keys::{Purpose, rotate},
    mode::Mode,
    store::{EraseLedger, Erasure},
    vault,
};

use crate::customers::{Scene, scene};

impl Scene {
    pub(crate) fn rows(&self, what: &str) -> u64 {
        let query = format!("SELECT count(*) FROM {what}");
        self.verifier.database.number(&query)
    }

    /// Nothing that is there is damaged, or leads to what is gone.
    pub(crate) async fn is_whole(&self) {
        let keyring = self.verifier.app.keyring();
        let inspected = self
            .verifier
            .app
            .store
            .read(move |connection| vault::inspect(connection, &keyring));
        let found = inspected.await.unwrap();
        assert_eq!(found.damaged, 0, "{:?}", found.first_damaged);
        let dangling = "card_fingerprint WHERE card_id NOT IN (SELECT id FROM card)";
        assert_eq!(self.rows(dangling), 0);
    }

    fn ledger(&self) -> Vec<Erasure> {
        let path = self.verifier.folder.path().join("waxseal.erased");
        EraseLedger::read(&path).unwrap().erasures
    }

    /// Copies of every submission, as if the card had been used that often.
    fn copy_submissions(&self, times: u32) {
        // The last two bytes are random ones.
        let id = match self.verifier.database {
            Database::Postgres(_) => "set_byte(set_byte(id, 14, i / 256), 15, i % 256)",
            Database::Sqlite(_) => "unhex(substr(hex(id), 1, 28) || printf('%04x', i))",
        };
        let copies = format!(
            "INSERT INTO submission (id, session_id, merchant_id, card_id, network, details_enc, signals_enc,
                 ip_enc, outcome, facts_enc, rule_set, created_at, customer_id)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})
             SELECT {id}, session_id, merchant_id, card_id, network, details_enc, signals_enc,
                 ip_enc, outcome, facts_enc, rule_set, created_at, customer_id FROM submission, n"
        );
        self.verifier.database.run(&[&copies]);
    }
}

fn card(session: &Value) -> (String, String) {
    let id = session["card"]["id"].as_str().unwrap().to_owned();
    (format!("/v1/cards/{id}"), id)
}

const ERASED: &str = "submission WHERE erased_at IS NOT NULL AND length(details_enc) = 0
     AND length(signals_enc) = 0 AND length(ip_enc) = 0 AND length(facts_enc) = 0 AND card_id IS NULL
     AND customer_id IS NULL AND network IS NULL";

#[tokio::test]
async fn an_erased_card_is_gone_with_all_that_leads_to_it() {
    let scene = scene().await;
    let session = scene.buy(Some("c-1"), VISA).await;
    let kept = scene.buy(Some("c-1"), MASTERCARD).await;
    let (path, id) = card(&session);
    assert_eq!(scene.delete(&path).await.status, 204);

    assert_eq!(scene.read(&path).await.problem(), "not_found");
    assert_eq!(scene.delete(&path).await.problem(), "not_found");
    let token = session["card"]["token"].as_str().unwrap();
    for gone in [
        format!("card WHERE id = id_bytes('{id}') OR token = '{token}'"),
        format!("card_fingerprint WHERE card_id = id_bytes('{id}')"),
        format!("customer_card WHERE card_id = id_bytes('{id}')"),
        format!("velocity_event WHERE card_id = id_bytes('{id}')"),
        format!("submission WHERE card_id = id_bytes('{id}')"),
    ] {
        assert_eq!(scene.rows(&gone), 0, "{gone}");
    }
    assert_eq!(scene.rows(ERASED), 1);
    assert_eq!(
        scene.rows(
            "submission WHERE erased_at IS NOT NULL AND outcome = 'allow' AND rule_set <> ''"
        ),
        1
    );
    let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
    let after = scene.read(&path).await.json();
    assert_eq!(
        (&after["card"], &after["decision"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(after["erased_at"], "2026-11-18T11:06:40Z");
    assert_eq!(
        (&after["outcome"], &after["status"]),
        (&json!("allow"), &json!("accepted"))
    );
    assert_eq!(scene.read(&card(&kept).0).await.status, 200);
    assert_eq!(scene.read("/v1/customers/c-1").await.json()["cards"], 1);

    let audited =
        "audit WHERE action = 'card.erased' AND client_id IS NOT NULL AND request_id IS NOT NULL";
    assert_eq!(scene.rows(audited), 1);
    let erasure = Erasure {
        merchant_id: scene.shop.merchant_id.clone(),
        id,
    };
    assert_eq!(scene.ledger(), [erasure]);
    scene.is_whole().await;

    let again = scene.buy(Some("c-1"), VISA).await;
    for member in ["id", "token"] {
        assert_ne!(again["card"][member], session["card"][member], "{member}");
    }
}

#[tokio::test]
async fn a_card_is_erased_by_its_own_merchant_alone() {
    let scene = scene().await;
    let (path, _) = card(&scene.buy(None, VISA).await);
    let other = scene
        .verifier
        .shop(Mode::Test, "https://other.example")
        .await;
    let refused = scene.verifier.call(&other, "DELETE", &path, None).await;
    assert_eq!(refused.problem(), "not_found");
    assert_eq!(scene.read(&path).await.status, 200);
    assert_eq!(scene.ledger(), []);
}

#[tokio::test]
async fn a_session_whose_card_was_erased_takes_no_other() {
    let scene = scene().await;
    let mut checkout = scene.open(None).await;
    assert_eq!(checkout.pay(&scene.verifier, VISA).await.status, 200);
    let session = format!("/v1/sessions/{}", checkout.session_id);
    let (path, _) = card(&scene.read(&session).await.json());
    assert_eq!(scene.delete(&path).await.status, 204);
    let again = checkout.pay(&scene.verifier, VISA).await;
    assert_eq!(again.problem(), "session_completed");
    assert_eq!(scene.rows("card"), 0);
    // Nor the new card that the same number is by now.
    scene.buy(None, VISA).await;
    let again = checkout.pay(&scene.verifier, VISA).await;
    assert_eq!(again.problem(), "session_completed");
}

#[tokio::test]
async fn a_card_takes_along_its_own_velocity_events_alone() {
    let verifier = TestVerifier::start_with(|config| {
        config.risk.block_cidrs = vec!["192.0.2.0/24".parse().unwrap()];
    });
    let scene = Scene::of(verifier.await).await;
    let mut checkout = scene.open(None).await;
    let envelope = checkout.fresh(VISA);
    let blocked = scene
        .verifier
        .public_from([192, 0, 2, 1].into(), checkout.request(&envelope))
        .await;
    assert_eq!(blocked.json()["status"], "declined");
    let rejected = scene
        .verifier
        .database
        .texts("SELECT id_text('card', id) FROM card");
    assert_eq!(checkout.pay(&scene.verifier, MASTERCARD).await.status, 200);
    let path = format!("/v1/cards/{}", rejected[0]);
    assert_eq!(scene.delete(&path).await.status, 204);
    assert_eq!(
        scene.rows("velocity_event"),
        1,
        "the other card's, in the same session"
    );
    let session = format!("/v1/sessions/{}", checkout.session_id);
    let (path, _) = card(&scene.read(&session).await.json());
    // Its submissions may have been swept before.
    scene.verifier.database.run(&["DELETE FROM submission"]);
    assert_eq!(scene.delete(&path).await.status, 204);
    assert_eq!(scene.rows("velocity_event"), 0);
}

#[tokio::test]
async fn a_card_that_cannot_be_read_can_be_erased() {
    let scene = scene().await;
    let session = scene.buy(None, VISA).await;
    let damage = "UPDATE card SET pan_enc = zeroblob(60)";
    scene.verifier.database.run(&[damage]);
    assert_eq!(scene.delete(&card(&session).0).await.status, 204);
    assert_eq!(scene.rows("card_fingerprint"), 0);
    let again = scene.buy(None, VISA).await;
    assert_ne!(again["card"]["id"], session["card"]["id"]);
}

#[tokio::test]
async fn a_card_is_erased_with_its_fingerprints_under_every_root() {
    for was_followed in [false, true] {
        let scene = scene().await;
        let (path, _) = card(&scene.buy(None, VISA).await);
        let app = &scene.verifier.app;
        let kind = (Purpose::FingerprintRoot, Mode::Test);
        let now = scene.verifier.clock.now();
        let rotated = rotate(&app.store, app.keys.kek(), kind, false, &*app.rng, now);
        rotated.await.unwrap();
        if was_followed {
            app.keys.refresh(&app.store).await.unwrap();
            scene.buy(None, MASTERCARD).await;
            // The former root's are there still, as when that was cut off.
            let former = "INSERT INTO card_fingerprint (mode, version, value, card_id)
                 SELECT 1, 0, zeroblob(32), id FROM card WHERE brand = 'visa'";
            scene.verifier.database.run(&[former]);
        } else {
            // Under a root that this verifier does not know.
            let other = "INSERT INTO card_fingerprint (mode, version, value, card_id)
                 SELECT 1, 9, zeroblob(32), id FROM card";
            scene.verifier.database.run(&[other]);
        }
        let before = scene.rows("card_fingerprint");
        assert_eq!(scene.delete(&path).await.status, 204);
        assert_eq!(before - scene.rows("card_fingerprint"), 2);
        if was_followed {
            scene.is_whole().await;
        }
    }
}
