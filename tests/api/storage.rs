//! What lies at rest: nothing readable, nothing that can be moved to another place.

use std::{os::unix::fs::MetadataExt, path::PathBuf, time::Duration};

use axum::{body::Body, http::Request};
use waxseal_tests::{
    Checkout, Database, MASTERCARD, Needle, Search, Shop, TestVerifier, VISA, folder_files,
    pan_encodings,
};
use waxseal_verifier::{mode::Mode, upkeep, vault::inspect};

const ORIGIN: &str = "https://shop.example";
/// A statement that changes nothing.
const NOTHING: &str = "UPDATE merchant SET name = name";

pub(crate) async fn pay(verifier: &TestVerifier, shop: &Shop, number: &str) -> String {
    let mut checkout = Checkout::open(verifier, shop).await;
    assert_eq!(checkout.pay(verifier, number).await.status, 200);
    checkout.session_id
}

#[tokio::test]
async fn no_file_holds_what_was_typed() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    // From an address that no other test of the same server has.
    let mut checkout = Checkout::open(&verifier, &shop).await;
    let envelope = checkout.fresh(VISA);
    let request = checkout.request(&envelope);
    let paid = verifier.public_from([198, 51, 100, 77].into(), request);
    assert_eq!(paid.await.status, 200);
    let wanted: Vec<Vec<u8>> = vec![
        b"Jane Roe".to_vec(),
        // As it lies in JSON: PostgreSQL numbers its triggers, and comes by five digits of its own.
        b"\"10115\"".to_vec(),
        b"Mozilla/5.0".to_vec(),
        b"\"cvc\"".to_vec(),
        b"198.51.100.77".to_vec(),
        shop.authorization().as_bytes().to_vec(),
    ];
    let folder = match verifier.database.file() {
        Some(_) => verifier.folder.path().to_owned(),
        // Its log holds whatever was written, before the tables do.
        None => PathBuf::from(std::env::var("WAXSEAL_POSTGRES_DATA").unwrap()).join("pg_wal"),
    };
    let as_it_is = wanted.into_iter().map(|bytes| Needle {
        form: "as it is",
        bytes,
    });
    let search = Search::new([pan_encodings(VISA), as_it_is.collect()]);
    let mut files = 0;
    for (path, bytes) in folder_files(&[&folder]) {
        if !path.ends_with("waxseal.key") {
            files += 1;
            let hits = search.hits(&path.display().to_string(), &bytes);
            assert!(hits.is_empty(), "{hits:?}");
        }
    }
    let wanted = if verifier.database.file().is_some() {
        2
    } else {
        1
    };
    assert!(files >= wanted, "the database and its write-ahead log");
}

#[tokio::test]
async fn the_database_files_are_their_owners() {
    let verifier = TestVerifier::start().await;
    for file in std::fs::read_dir(verifier.folder.path()).unwrap() {
        let metadata = file.as_ref().unwrap().metadata().unwrap();
        if metadata.is_file() {
            assert_eq!(
                metadata.mode() & 0o077,
                0,
                "{:?}",
                file.unwrap().file_name()
            );
        }
    }
}

#[tokio::test]
async fn a_row_that_was_tampered_with_is_an_error_and_never_another_card() {
    for tampering in [
        "UPDATE card SET pan_enc = (SELECT pan_enc FROM was WHERE was.id <> card.id)",
        "UPDATE card SET token = substr(token, 1, 12) || last4 || 'x'",
        "UPDATE card SET pan_enc = substr(pan_enc, 1, length(pan_enc) - 1)",
        "UPDATE card SET pan_enc = zeroblob(length(pan_enc))",
        "UPDATE card_fingerprint SET card_id = (SELECT id FROM was WHERE id <> card_id)",
    ] {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        pay(&verifier, &shop, VISA).await;
        pay(&verifier, &shop, MASTERCARD).await;
        swap(&verifier, "card", NOTHING, tampering);
        for number in [VISA, MASTERCARD] {
            let mut checkout = Checkout::open(&verifier, &shop).await;
            let answer = checkout.pay(&verifier, number).await;
            assert_eq!(answer.problem(), "internal", "{tampering}");
        }
    }
}

#[tokio::test]
async fn a_card_whose_columns_were_swapped_is_not_shown() {
    for column in ["token", "brand", "last4", "pan_enc"] {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        let session = pay(&verifier, &shop, VISA).await;
        pay(&verifier, &shop, MASTERCARD).await;
        let session = format!("/v1/sessions/{session}");
        let card = verifier.call(&shop, "GET", &session, None).await.json()["card"]["id"].clone();
        let card = format!("/v1/cards/{}", card.as_str().unwrap());
        let tampering = format!(
            "UPDATE card SET {column} = (SELECT {column} FROM was WHERE was.id <> card.id)"
        );
        // No two of a merchant's cards have one token, so both give theirs up first.
        let before = if column == "token" {
            "UPDATE card SET token = id_text('card', id)"
        } else {
            NOTHING
        };
        swap(&verifier, "card", before, &tampering);
        for path in [&session, &card] {
            let answer = verifier.call(&shop, "GET", path, None).await;
            assert_eq!(answer.problem(), "internal", "{column} {path}");
        }
        let list = verifier.call(&shop, "GET", "/v1/cards", None).await;
        assert_eq!(list.json()["data"], serde_json::json!([]), "{column}");
        assert_eq!(list.json()["damaged"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_decision_that_leads_to_another_card_or_session_is_not_shown() {
    for (table, tampering) in [
        (
            "submission",
            "UPDATE submission SET card_id = (SELECT card_id FROM was WHERE was.id <> submission.id)",
        ),
        (
            "session",
            "UPDATE session SET submission_id = (SELECT submission_id FROM was WHERE was.id <> session.id)",
        ),
        ("session", "UPDATE session SET submission_id = zeroblob(16)"),
    ] {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        let session = pay(&verifier, &shop, VISA).await;
        pay(&verifier, &shop, MASTERCARD).await;
        swap(&verifier, table, NOTHING, tampering);
        let path = format!("/v1/sessions/{session}");
        let answer = verifier.call(&shop, "GET", &path, None).await;
        assert_eq!(answer.problem(), "internal", "{tampering}");
    }
}

/// Keeps a copy of `table` as `was`, runs `before`, then `tampering`, which has to change two rows. An
/// update that reads its own table would see the rows that it has changed.
fn swap(verifier: &TestVerifier, table: &str, before: &str, tampering: &str) {
    let copy = format!("CREATE TEMP TABLE was AS SELECT * FROM {table}");
    let changed = verifier.database.run(&[&copy, before, tampering]);
    assert_eq!(changed, 2, "{tampering}");
}

#[tokio::test]
async fn a_decision_moved_to_another_submission_does_not_open() {
    for column in ["facts_enc", "details_enc"] {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        let session = pay(&verifier, &shop, VISA).await;
        pay(&verifier, &shop, MASTERCARD).await;
        let path = format!("/v1/sessions/{session}");
        assert_eq!(verifier.call(&shop, "GET", &path, None).await.status, 200);
        let tampering = format!(
            "UPDATE submission SET {column} =
                 (SELECT {column} FROM was WHERE was.id <> submission.id)"
        );
        swap(&verifier, "submission", NOTHING, &tampering);
        assert_eq!(
            verifier.call(&shop, "GET", &path, None).await.problem(),
            "internal"
        );
    }
}

#[tokio::test]
async fn after_a_stop_the_database_file_alone_is_whole() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    pay(&verifier, &shop, VISA).await;
    verifier.app.store.close().await;
    let copy = verifier.folder.path().join("copy.sqlite");
    let copy = match verifier.database.file() {
        Some(file) => {
            std::fs::copy(file, &copy).unwrap();
            Database::Sqlite(copy)
        }
        // A server's is whole by itself.
        None => verifier.database.clone(),
    };
    assert_eq!(copy.number("SELECT count(*) FROM card"), 1);
    let late = verifier
        .call(&shop, "POST", "/v1/sessions", Some(shop.session_request()))
        .await;
    assert_eq!(late.problem(), "unavailable");
}

#[tokio::test]
async fn the_audit_only_grows() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    pay(&verifier, &shop, VISA).await;
    for tampering in ["DELETE FROM audit", "UPDATE audit SET action = 'nothing'"] {
        let refused = verifier.database.try_run(&[tampering]);
        assert!(refused.is_err(), "{tampering}");
    }
}

#[tokio::test]
async fn an_inspection_finds_every_damaged_row_and_names_the_first() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for number in [VISA, MASTERCARD, "378282246310005"] {
        pay(&verifier, &shop, number).await;
    }
    let inspect = async || {
        let keyring = verifier.app.keyring();
        let found = verifier
            .app
            .store
            .read(move |connection| inspect(connection, &keyring));
        found.await.unwrap()
    };
    let found = inspect().await;
    assert_eq!((found.cards, found.submissions, found.damaged), (3, 3, 0));
    for (tampering, damaged) in [
        (
            "UPDATE submission SET ip_enc = zeroblob(40) WHERE id = (SELECT id FROM submission ORDER BY id LIMIT 1 OFFSET 1)",
            1,
        ),
        ("UPDATE submission SET rule_set = rule_set", 1),
        (
            "UPDATE card SET salt_enc = zeroblob(45) WHERE brand = 'visa'",
            2,
        ),
        (
            "UPDATE card_fingerprint SET card_id = (SELECT id FROM card WHERE brand = 'amex')",
            3,
        ),
        (
            "UPDATE submission SET signals_enc = substr(signals_enc, 2)",
            5,
        ),
    ] {
        verifier.database.run(&[tampering]);
        let found = inspect().await;
        assert_eq!(found.damaged, damaged, "{tampering}");
        assert!(found.first_damaged.is_some());
        assert_eq!(found.cards + found.submissions + found.damaged, 6);
    }
}

#[tokio::test]
async fn what_nothing_asks_for_any_more_is_deleted_and_no_more() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let create = async |key: &str| {
        let request = Request::post("/v1/sessions")
            .header("authorization", shop.authorization())
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(Body::from(shop.session_request().to_string()));
        assert_eq!(verifier.private(request.unwrap()).await.status, 201);
    };
    let rows = |table: &str| {
        let counts = verifier.row_counts();
        counts
            .into_iter()
            .find(|(name, _)| name == table)
            .unwrap()
            .1
    };
    let sweep = async || upkeep::sweep(&verifier.app, Duration::ZERO).await.unwrap();
    create("first").await;
    let old = pay(&verifier, &shop, VISA).await;
    verifier.clock.advance_millis(24 * 60 * 60 * 1000);
    create("second").await;
    pay(&verifier, &shop, MASTERCARD).await;
    assert_eq!(sweep().await, 0);

    verifier.clock.advance_millis(24 * 60 * 60 * 1000 + 1);
    assert_eq!(sweep().await, 2, "an envelope's jti and a velocity event");
    assert_eq!(
        (
            rows("session_jti"),
            rows("velocity_event"),
            rows("idempotency")
        ),
        (1, 1, 2)
    );
    verifier.clock.advance_millis(5 * 24 * 60 * 60 * 1000);
    assert_eq!(sweep().await, 3);
    assert_eq!(
        (
            rows("session_jti"),
            rows("velocity_event"),
            rows("idempotency")
        ),
        (0, 0, 1)
    );
    // The cards, and what was decided on them, are there still.
    assert_eq!(
        (rows("card"), rows("submission"), rows("session")),
        (2, 2, 4)
    );
    let path = format!("/v1/sessions/{old}");
    let session = verifier.call(&shop, "GET", &path, None).await.json();
    assert_eq!(session["card"]["last4"], "4242");
}
