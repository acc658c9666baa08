//! A backup that is brought back does not bring back what was erased after it.

use std::{
    path::Path,
    process::{Command, Output},
};

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;
use waxseal_tests::{Checkout, MASTERCARD, Shop, TestVerifier, VISA};
use waxseal_verifier::{config::initial_file, mode::Mode};

use crate::scene::{binary, text};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(binary())
        .args(args)
        .arg("--config")
        .arg(folder.join("waxseal.toml"))
        .output()
        .unwrap()
}

/// Buys as customer `c-1`; the path of the card.
async fn buy(verifier: &TestVerifier, shop: &Shop, number: &str) -> String {
    let mut request = shop.session_request();
    request["customer"] = json!("c-1");
    let mut checkout = Checkout::open_with(verifier, shop, request).await;
    assert_eq!(checkout.pay(verifier, number).await.status, 200);
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(shop, "GET", &path, None).await.json();
    format!("/v1/cards/{}", session["card"]["id"].as_str().unwrap())
}

async fn delete(verifier: &TestVerifier, shop: &Shop, path: &str) {
    let request = Request::delete(path)
        .header(header::AUTHORIZATION, shop.authorization())
        .body(Body::empty());
    assert_eq!(verifier.private(request.unwrap()).await.status, 204);
}

#[tokio::test]
async fn a_card_erased_after_the_backup_is_erased_again() {
    let verifier = TestVerifier::start().await;
    let Some(database) = verifier.database.file() else {
        // A server's backups are pg_dump's; `verifier erase-again` has a test of its own.
        return;
    };
    let folder = verifier.folder.path();
    std::fs::write(
        folder.join("waxseal.toml"),
        initial_file(&folder.join("dist"), None),
    )
    .unwrap();
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let erased = buy(&verifier, &shop, VISA).await;
    buy(&verifier, &shop, MASTERCARD).await;
    let backup = folder.join("backup.sqlite");
    let backup = backup.to_str().unwrap();
    assert!(run(folder, &["backup", backup]).status.success());
    delete(&verifier, &shop, &erased).await;
    verifier.app.store.close().await;

    let restore = || {
        for suffix in ["", "-wal", "-shm"] {
            let mut file = database.as_os_str().to_owned();
            file.push(suffix);
            drop(std::fs::remove_file(file));
        }
        let restored = run(folder, &["restore", backup]);
        assert!(restored.status.success(), "{}", text(&restored.stderr));
        text(&restored.stdout)
    };
    let said = restore();
    assert!(
        said.contains("erased again: 1 cards, 0 customers, of 1 in"),
        "{said}"
    );
    assert!(
        said.contains("1 cards, 2 submissions, 1 customers, 0 damaged"),
        "{said}"
    );
    let said = text(&run(folder, &["erase-again"]).stdout);
    assert!(
        said.contains("erased again: 0 cards, 0 customers, of 1 in"),
        "{said}"
    );

    // Without its ledger it is all there again, and the command says that there is none.
    std::fs::rename(folder.join("waxseal.erased"), folder.join("kept")).unwrap();
    let said = restore();
    assert!(
        said.contains("no erase ledger at") && said.contains("2 cards, 2 submissions"),
        "{said}"
    );
    std::fs::rename(folder.join("kept"), folder.join("waxseal.erased")).unwrap();
    let said = text(&run(folder, &["erase-again"]).stdout);
    assert!(said.contains("erased again: 1 cards"), "{said}");
}
