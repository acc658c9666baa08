//! What is erased is gone: from every table, from the disk, and from a backup that is brought back.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use waxseal_tests::{AMEX, MASTERCARD, TestVerifier, VISA};
use waxseal_verifier::{
    clock::Clock,
    keys::{Purpose, rotate},
    mode::Mode,
    rng::Rng,
    store::{EraseLedger, Erasure, cards},
    upkeep,
    vault::{self, ErasedAgain},
};

use crate::customers::{Scene, scene};

impl Scene {
    fn rows(&self, what: &str) -> u64 {
        let query = format!("SELECT count(*) FROM {what}");
        self.verifier.database.number(&query)
    }

    /// Nothing that is there is damaged, or leads to what is gone.
    async fn is_whole(&self) {
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
        let copies = format!(
            "INSERT INTO submission (id, session_id, merchant_id, card_id, network, details_enc, signals_enc,
                 ip_enc, outcome, facts_enc, rule_set, created_at, customer_id)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})
             SELECT id || '-' || i, session_id, merchant_id, card_id, network, details_enc, signals_enc,
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
     AND length(signals_enc) = 0 AND length(ip_enc) = 0 AND length(facts_enc) = 0 AND card_id = ''
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
        format!("card WHERE id = '{id}' OR token = '{token}'"),
        format!("card_fingerprint WHERE card_id = '{id}'"),
        format!("customer_card WHERE card_id = '{id}'"),
        format!("velocity_event WHERE card_id = '{id}'"),
        format!("submission WHERE card_id = '{id}'"),
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
            let former = "INSERT INTO card_fingerprint (merchant_id, version, value, card_id)
                 SELECT merchant_id, 0, zeroblob(32), id FROM card WHERE brand = 'visa'";
            scene.verifier.database.run(&[former]);
        } else {
            // Under a root that this verifier does not know.
            let other = "INSERT INTO card_fingerprint (merchant_id, version, value, card_id)
                 SELECT merchant_id, 9, zeroblob(32), id FROM card";
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

#[tokio::test]
async fn an_erased_customer_takes_along_what_nobody_else_needs() {
    let scene = scene().await;
    let own = scene.buy(Some("c-1"), VISA).await;
    let shared = scene.buy(Some("c-1"), MASTERCARD).await;
    let others = scene.buy(Some("c-2"), MASTERCARD).await;
    let in_use = scene.buy(Some("c-1"), AMEX).await;
    let guests = scene.buy(None, AMEX).await;
    let open = scene.open(Some("c-1")).await;
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);

    for path in [
        "/v1/customers/c-1",
        "/v1/customers/c-1/export",
        "/v1/cards?customer=c-1",
    ] {
        assert_eq!(scene.read(path).await.problem(), "not_found", "{path}");
    }
    assert_eq!(
        scene.delete("/v1/customers/c-1").await.problem(),
        "not_found"
    );
    assert_eq!(scene.read(&card(&own).0).await.problem(), "not_found");
    // Another customer's, and one that a session which is not over yet has taken.
    assert_eq!(scene.read(&card(&shared).0).await.status, 200);
    assert_eq!(scene.read(&card(&in_use).0).await.status, 200);
    for session in [&own, &shared, &in_use] {
        let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
        let after = scene.read(&path).await.json();
        assert_eq!(
            (&after["card"], &after["customer"]),
            (&json!(null), &json!(null))
        );
        assert!(after["erased_at"].is_string());
    }
    for session in [&others, &guests] {
        let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
        assert_eq!(scene.read(&path).await.json(), *session);
    }
    let path = format!("/v1/sessions/{}", open.session_id);
    assert_eq!(scene.read(&path).await.json()["customer"], json!(null));
    assert_eq!(scene.rows(ERASED), 3);
    assert_eq!(
        (scene.rows("customer"), scene.rows("customer_card")),
        (1, 1)
    );
    assert_eq!(scene.rows("velocity_event"), 2);
    assert_eq!(
        scene.rows("audit WHERE action = 'customer.erased' AND client_id IS NOT NULL"),
        1
    );
    let ids: Vec<String> = scene.ledger().into_iter().map(|line| line.id).collect();
    assert!(
        ids[0].starts_with("cus_test_") && ids[1] == card(&own).1 && ids.len() == 2,
        "{ids:?}"
    );
    scene.is_whole().await;

    // The same reference is a new customer, who has nothing.
    scene.buy(Some("c-1"), VISA).await;
    assert_eq!(scene.read("/v1/customers/c-1").await.json()["cards"], 1);
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_is_ended_by_asking_again() {
    let scene = scene().await;
    let session = scene.buy(Some("c-1"), VISA).await;
    let (path, id) = card(&session);
    scene.copy_submissions(450);
    let (keys, now) = (
        scene.verifier.app.keys_of(Mode::Test),
        scene.verifier.clock.now(),
    );
    let merchant_id = scene.shop.merchant_id.clone();
    let step = scene.verifier.app.store.write("step", move |tx| {
        let card = cards::find(tx, &merchant_id, &id)?.unwrap();
        vault::erase_card(tx, &keys, &card, now)
    });
    let step = step.await.unwrap();
    assert_eq!((step.submissions.len(), step.is_done), (200, false));
    assert_eq!((scene.rows(ERASED), scene.rows("submission")), (200, 451));
    assert_eq!(
        scene.read(&path).await.status,
        200,
        "it is there until the last step"
    );
    assert_eq!(scene.delete(&path).await.status, 204);
    assert_eq!(scene.rows(ERASED), 451);
    assert_eq!(scene.ledger().len(), 1);

    scene.buy(Some("c-1"), MASTERCARD).await;
    let live = scene.rows("submission WHERE erased_at IS NULL");
    assert_eq!(live, 1);
    scene
        .verifier
        .database
        .run(&["UPDATE session SET customer_id = (SELECT id FROM customer)"]);
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);
    assert_eq!(scene.rows(ERASED), 452);
    assert_eq!(scene.rows("session WHERE customer_id IS NOT NULL"), 0);
}

#[tokio::test]
async fn submissions_at_the_same_time_are_before_or_after() {
    let scene = &scene().await;
    let (path, first) = card(&scene.buy(Some("c-1"), VISA).await);
    let mut open = Vec::new();
    for _ in 0..30 {
        open.push(scene.open(Some("c-1")).await);
    }
    let submissions = open.into_iter().map(|mut checkout| async move {
        assert_eq!(checkout.pay(&scene.verifier, VISA).await.status, 200);
    });
    let erasures = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(scene.delete(&path).await.status, 204);
    };
    tokio::join!(futures_util::future::join_all(submissions), erasures);
    assert!(scene.rows("card") <= 1);
    assert_eq!(
        scene.rows(&format!("submission WHERE card_id = '{first}'")),
        0
    );
    assert_eq!(scene.rows("customer_card"), scene.rows("card"));
    scene.is_whole().await;
}

#[tokio::test]
async fn nothing_is_erased_without_its_line_in_the_ledger() {
    let scene = scene().await;
    let (path, _) = card(&scene.buy(Some("c-1"), VISA).await);
    let ledger = scene.verifier.folder.path().join("waxseal.erased");
    std::fs::remove_file(&ledger).unwrap();
    std::fs::create_dir(&ledger).unwrap();
    for path in [&path, "/v1/customers/c-1"] {
        assert_eq!(scene.delete(path).await.problem(), "internal");
        assert_eq!(scene.read(path).await.status, 200);
    }
    std::fs::remove_dir(&ledger).unwrap();
    assert_eq!(scene.delete(&path).await.status, 204);
    assert_eq!(scene.ledger().len(), 1);
}

#[tokio::test]
async fn what_the_ledger_names_is_erased_again() {
    let scene = scene().await;
    let (_, visa) = card(&scene.buy(None, VISA).await);
    let (_, mastercard) = card(&scene.buy(Some("c-1"), MASTERCARD).await);
    let customers = scene.verifier.database.texts("SELECT id FROM customer");
    let gone = "card_test_01kagb7tq80000000000000000".to_owned();
    let named: Vec<Erasure> = [visa, customers[0].clone(), gone]
        .into_iter()
        .map(|id| Erasure {
            merchant_id: scene.shop.merchant_id.clone(),
            id,
        })
        .collect();
    let app = &scene.verifier.app;
    let again = async || {
        let now = scene.verifier.clock.now();
        vault::erase_again(&app.store, &app.keyring(), named.clone(), now)
            .await
            .unwrap()
    };
    // The customer's card goes with the customer.
    let wanted = ErasedAgain {
        cards: 1,
        customers: 1,
    };
    assert_eq!(again().await, wanted);
    assert_eq!(
        (scene.rows("card"), scene.rows("customer")),
        (0, 0),
        "{mastercard}"
    );
    assert_eq!(again().await, ErasedAgain::default());
    scene.is_whole().await;
}

#[tokio::test]
async fn what_was_erased_is_gone_from_the_files() {
    let scene = scene().await;
    let Some(file) = scene.verifier.database.file() else {
        // PostgreSQL keeps a dead row's bytes until it writes over them: HTTP.md says so.
        return;
    };
    for customer in 0..40 {
        let name = format!("c-{customer}");
        scene
            .buy(
                Some(&name),
                if customer % 2 == 0 { VISA } else { MASTERCARD },
            )
            .await;
    }
    let erased = scene.buy(Some("erased"), AMEX).await;
    let values = [
        "SELECT hex(pan_enc) FROM card WHERE brand = 'amex'",
        "SELECT hex(salt_enc) FROM card WHERE brand = 'amex'",
        "SELECT hex(value) FROM card_fingerprint JOIN card ON id = card_id WHERE brand = 'amex'",
        "SELECT hex(token) FROM card WHERE brand = 'amex'",
        "SELECT hex(reference_enc) FROM customer WHERE id = (SELECT customer_id FROM customer_card
             JOIN card ON id = card_id WHERE brand = 'amex')",
        "SELECT hex(details_enc) FROM submission ORDER BY id DESC LIMIT 1",
        "SELECT hex(signals_enc) FROM submission ORDER BY id DESC LIMIT 1",
        "SELECT hex(ip_enc) FROM submission ORDER BY id DESC LIMIT 1",
        "SELECT hex(facts_enc) FROM submission ORDER BY id DESC LIMIT 1",
    ]
    .map(|query| unhex(&scene.verifier.database.texts(query)[0]));
    let log = file.with_extension("sqlite-wal");
    let found = || {
        let bytes = [
            std::fs::read(file).unwrap(),
            std::fs::read(&log).unwrap_or_default(),
        ]
        .concat();
        let is_in = |value: &&Vec<u8>| {
            bytes
                .windows(value.len())
                .any(|part| part == value.as_slice())
        };
        values.iter().filter(is_in).count()
    };
    assert_eq!(found(), values.len());
    assert_eq!(scene.delete(&card(&erased).0).await.status, 204);
    assert_eq!(scene.delete("/v1/customers/erased").await.status, 204);
    upkeep::sweep(&scene.verifier.app, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(found(), 0);
    scene.verifier.app.store.close().await;
    assert_eq!(found(), 0);
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[tokio::test]
async fn what_has_become_old_goes_as_the_configuration_says() {
    let verifier = TestVerifier::start_with(|config| {
        let day = 24 * 60 * 60;
        config.retention.submission_details_s = Some(10 * day);
        config.retention.sessions_s = Some(30 * day);
        config.retention.alerts_s = Some(20 * day);
    });
    let scene = Scene::of(verifier.await).await;
    let sweep = async |days: i64| {
        scene
            .verifier
            .clock
            .advance_millis(days * 24 * 60 * 60 * 1000);
        upkeep::sweep(&scene.verifier.app, Duration::ZERO)
            .await
            .unwrap();
    };
    let id = <dyn Rng>::first_id("alr_", scene.verifier.clock.now());
    let alert = format!(
        "INSERT INTO alert (id, kind, subject, count, raised_at) VALUES ('{id}', 'auth_failures', NULL, 5, 1)"
    );
    scene.verifier.database.run(&[&alert]);
    let old = scene.buy(Some("c-1"), VISA).await;
    scene.copy_submissions(600);
    sweep(5).await;
    scene.buy(Some("c-1"), MASTERCARD).await;
    assert_eq!(scene.rows(ERASED), 0);
    sweep(5).await;
    assert_eq!(scene.rows(ERASED), 0, "ten days to the millisecond");
    scene.verifier.clock.advance_millis(1);
    sweep(0).await;
    assert_eq!((scene.rows(ERASED), scene.rows("submission")), (601, 602));
    let path = format!("/v1/sessions/{}", old["id"].as_str().unwrap());
    let session = scene.read(&path).await.json();
    assert_eq!(
        (&session["card"], &session["outcome"]),
        (&json!(null), &json!("allow"))
    );
    assert_eq!(session["customer"], "c-1");
    assert_eq!(
        scene.read(&card(&old).0).await.status,
        200,
        "the card is kept"
    );
    sweep(5).await;
    assert_eq!(scene.rows(ERASED), 602);
    assert_eq!(scene.rows("alert"), 1);
    sweep(5).await;
    assert_eq!(scene.rows("alert"), 0);
    assert_eq!(scene.rows("session"), 2);
    sweep(10).await;
    assert_eq!((scene.rows("session"), scene.rows("submission")), (1, 1));
    assert_eq!(scene.read(&path).await.problem(), "not_found");
    sweep(5).await;
    assert_eq!((scene.rows("session"), scene.rows("submission")), (0, 0));
    assert_eq!((scene.rows("card"), scene.rows("customer")), (2, 1));
    scene.is_whole().await;
}

#[tokio::test]
async fn references_move_to_a_new_key_and_keep_the_former_until_then() {
    let scene = scene().await;
    scene.open(Some("c-1")).await;
    let app = &scene.verifier.app;
    let kind = (Purpose::Dek, Mode::Test);
    let now = scene.verifier.clock.now();
    rotate(&app.store, app.keys.kek(), kind, true, &*app.rng, now)
        .await
        .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    let uses = async || {
        let counts = app.store.read(|connection| {
            let keys = waxseal_verifier::store::keys::list(connection)?;
            let of_kind = keys
                .iter()
                .filter(|key| key.purpose == "dek" && key.mode == Mode::Test);
            of_kind
                .map(|key| waxseal_verifier::store::key_uses::count(connection, key))
                .collect::<Result<Vec<u64>, _>>()
        });
        let mut counts = counts.await.unwrap();
        counts.sort_unstable();
        counts
    };
    assert_eq!(uses().await, [0, 1]);
    assert_eq!(upkeep::move_rows(app, Duration::ZERO).await.unwrap(), 1);
    assert_eq!(uses().await, [0, 1]);
    let keyring = Arc::clone(&app.keyring());
    let moved = app.store.read(move |connection| {
        let [customer] = waxseal_verifier::store::customers::after(connection, "", 9)?
            .try_into()
            .unwrap_or_else(|_| panic!("one customer"));
        Ok(keyring
            .of(Mode::Test)
            .deks
            .is_current(&customer.reference_enc))
    });
    assert!(moved.await.unwrap());
    assert_eq!(
        scene.read("/v1/customers/c-1").await.json()["customer"],
        "c-1"
    );
}
