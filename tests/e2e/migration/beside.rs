//! Beside a running verifier.

use std::{fs, process::Command};

use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use waxseal_tests::{Checkout, TestVerifier};
use waxseal_verifier::{config::initial_file, mode::Mode};

use super::{pan, seal};
use crate::scene::{binary, text};

const RECORDS: u64 = 3000;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_and_submissions_share_the_store_and_the_cards() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let folder = verifier.folder.path().to_owned();
    let config = folder.join("waxseal.toml");
    fs::write(&config, initial_file(&folder.join("dist"), None)).unwrap();
    let merchant = shop.merchant_id.clone();
    let import = spawn_blocking(move || {
        let run = |args: &[&str]| {
            let mut command = Command::new(binary());
            command.args(args).arg("--config").arg(&config);
            command.current_dir(&folder).output().unwrap()
        };
        let key = run(&["vault-key", "create", "--mode", "test"]).stdout;
        fs::write(folder.join("key.json"), key).unwrap();
        let cards: Vec<Value> = (0..RECORDS)
            .map(|at| json!({"number": pan(at), "reference": format!("r{at}")}))
            .collect();
        seal(
            &folder.join("key.json"),
            &merchant,
            &cards,
            &folder.join("in"),
        );
        run(&[
            "import",
            "--merchant",
            &merchant,
            "--in",
            "in",
            "--map",
            "map",
        ])
    });
    let mut submitted = 0;
    while !import.is_finished() {
        let mut checkout = Checkout::open(&verifier, &shop).await;
        let number = pan(submitted * 97 % RECORDS);
        assert_eq!(checkout.pay(&verifier, &number).await.status, 200);
        submitted += 1;
    }
    let imported = import.await.unwrap();
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    assert!(submitted > 10, "{submitted}");
    let rows = verifier.row_counts();
    let count = |table: &str| rows.iter().find(|(name, _)| name == table).unwrap().1;
    assert_eq!((count("card"), count("submission")), (RECORDS, submitted));
}
