//! What is left behind: in the files, after a time, under a former key.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use waxseal_tests::{AMEX, MASTERCARD, TestVerifier, VISA};
use waxseal_verifier::{
    clock::Clock,
    keys::{Purpose, rotate},
    mode::Mode,
    rng::Rng,
    store::{customers, key_uses, keys},
    upkeep,
};

use super::{ERASED, card};
use crate::customers::{Scene, scene};

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
        "SELECT hex(details_enc) FROM submission JOIN card ON card.id = card_id WHERE brand = 'amex'",
        "SELECT hex(signals_enc) FROM submission JOIN card ON card.id = card_id WHERE brand = 'amex'",
        "SELECT hex(ip_enc) FROM submission JOIN card ON card.id = card_id WHERE brand = 'amex'",
        "SELECT hex(facts_enc) FROM submission JOIN card ON card.id = card_id WHERE brand = 'amex'",
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
        "INSERT INTO alert (id, kind, subject_kind, subject, aspect, detail, state, count, raised_at, last_seen_at)
         VALUES ('{id}', 'auth_failures', 'address', '00', '', '{{}}', 'open', 5, 1, 1)"
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
    if scene.verifier.database.file().is_none() {
        let never_vacuumed =
            "pg_stat_user_tables WHERE schemaname = current_schema() AND vacuum_count = 0
             AND relname IN ('alert', 'session', 'session_jti', 'submission', 'velocity_event')";
        assert_eq!(scene.rows(never_vacuumed), 0);
    }
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
            let all = keys::list(connection)?;
            let of_kind = all
                .iter()
                .filter(|key| key.purpose == "dek" && key.mode == Mode::Test);
            of_kind
                .map(|key| key_uses::count(connection, key))
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
        let [customer] = customers::after(connection, "", 9)?
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
