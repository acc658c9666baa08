//! What lies at rest: nothing readable, nothing that can be moved to another place.

use std::{fmt::Write, os::unix::fs::MetadataExt};

use base64::{Engine, engine::general_purpose::STANDARD};
use rusqlite::Connection;
use waxseal_tests::{Checkout, MASTERCARD, Shop, TestVerifier, VISA};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";

async fn pay(verifier: &TestVerifier, shop: &Shop, number: &str) -> String {
    let mut checkout = Checkout::open(verifier, shop).await;
    assert_eq!(checkout.pay(verifier, number).await.status, 200);
    checkout.session_id
}

#[tokio::test]
async fn no_file_holds_what_was_typed() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    pay(&verifier, &shop, VISA).await;
    let mut wanted: Vec<Vec<u8>> = vec![
        b"Jane Roe".to_vec(),
        b"10115".to_vec(),
        b"Mozilla/5.0".to_vec(),
        b"\"cvc\"".to_vec(),
        b"127.0.0.1".to_vec(),
        shop.authorization().as_bytes().to_vec(),
    ];
    let hex = VISA.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let number: u64 = VISA.parse().unwrap();
    wanted.extend([
        VISA.as_bytes().to_vec(),
        b"4242 4242 4242 4242".to_vec(),
        hex.into_bytes(),
        STANDARD.encode(VISA).into_bytes(),
        number.to_be_bytes()[2..].to_vec(),
        number.to_le_bytes()[..6].to_vec(),
    ]);
    let mut files = 0;
    for file in std::fs::read_dir(verifier.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() && !path.ends_with("waxseal.key") {
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for wanted in &wanted {
                let found = bytes
                    .windows(wanted.len())
                    .any(|window| window == wanted.as_slice());
                assert!(
                    !found,
                    "{} in {}",
                    String::from_utf8_lossy(wanted),
                    path.display()
                );
            }
        }
    }
    assert!(files >= 2, "the database and its write-ahead log");
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
        let connection = Connection::open(verifier.database()).unwrap();
        // A copy, since an update that reads its own table sees the rows that it has changed.
        connection
            .execute_batch("CREATE TEMP TABLE was AS SELECT * FROM card")
            .unwrap();
        assert_eq!(connection.execute(tampering, []).unwrap(), 2, "{tampering}");
        for number in [VISA, MASTERCARD] {
            let mut checkout = Checkout::open(&verifier, &shop).await;
            let answer = checkout.pay(&verifier, number).await;
            assert_eq!(answer.problem(), "internal", "{tampering}");
        }
    }
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
        let connection = Connection::open(verifier.database()).unwrap();
        connection
            .execute_batch("CREATE TEMP TABLE was AS SELECT * FROM submission")
            .unwrap();
        assert_eq!(connection.execute(&tampering, []).unwrap(), 2);
        assert_eq!(
            verifier.call(&shop, "GET", &path, None).await.problem(),
            "internal"
        );
    }
}

#[tokio::test]
async fn the_audit_only_grows() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    pay(&verifier, &shop, VISA).await;
    let connection = Connection::open(verifier.database()).unwrap();
    for tampering in ["DELETE FROM audit", "UPDATE audit SET action = 'nothing'"] {
        assert!(connection.execute(tampering, []).is_err(), "{tampering}");
    }
}
