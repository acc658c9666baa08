//! A schema that is later than this version's, as while verifiers are replaced one after the other or a release is
//! taken back, on either engine.

use waxseal_tests::{Checkout, Database, TestVerifier, VISA};
use waxseal_verifier::{
    mode::Mode,
    store::{Schema, Store},
};

/// What a next version may add under a name that says so, and former ones need not know.
const ADDED: &str = "
    ALTER TABLE card ADD COLUMN later_note TEXT;
    ALTER TABLE session ADD COLUMN later_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE submission ADD COLUMN later_flag INTEGER DEFAULT 1;
    CREATE TABLE later_thing (id INTEGER PRIMARY KEY, card_id TEXT);
    CREATE INDEX later_card ON card (later_note)";

/// Notes a version that is `ahead` of the newest, of that name.
fn apply(database: &Database, ahead: u32, name: &str) {
    database.run(&[&format!(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
         SELECT max(version) + {ahead}, '{name}', max(applied_on), '1' FROM refinery_schema_history"
    )]);
}

fn newest(database: &Database) -> u32 {
    let newest = "SELECT CAST(max(version) AS TEXT) FROM refinery_schema_history";
    database.texts(newest).remove(0).parse().unwrap()
}

#[tokio::test]
async fn a_later_schema_that_says_so_is_worked_with() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let mut before = Checkout::open(&verifier, &shop).await;
    assert_eq!(before.pay(&verifier, VISA).await.status, 200);
    // The next version migrates while this one serves.
    let own = newest(&verifier.database);
    verifier.database.run_all(ADDED);
    apply(&verifier.database, 1, &format!("additions_since_{own}"));
    let mut during = Checkout::open(&verifier, &shop).await;
    assert_eq!(during.pay(&verifier, VISA).await.status, 200);
    // And is taken back: this one starts on what the next has left.
    let verifier = verifier.restart(|_| ()).await;
    let mut after = Checkout::open(&verifier, &shop).await;
    assert_eq!(after.pay(&verifier, VISA).await.status, 200);
    let cards = verifier.call(&shop, "GET", "/v1/cards", None).await.json();
    assert_eq!(cards["data"].as_array().unwrap().len(), 1, "the same card");
    let location = verifier.database.config().location().unwrap();
    Store::open(&location, Schema::Expect).await.unwrap();
    assert_eq!(newest(&verifier.database), own + 1, "it stays as it is");
}

#[tokio::test]
async fn a_later_schema_that_does_not_say_so_is_refused_in_one_line() {
    for name in ["additions", "additions_since_999"] {
        let verifier = TestVerifier::start().await;
        let own = newest(&verifier.database);
        apply(&verifier.database, 1, name);
        apply(&verifier.database, 1, &format!("more_since_{own}"));
        let location = verifier.database.config().location().unwrap();
        for schema in [Schema::Expect, Schema::Migrate] {
            let refused = Store::open(&location, schema).await.err().unwrap();
            let refused = refused.to_string();
            let wanted = format!("newer version ({}) than this verifier ({own})", own + 1);
            assert!(refused.contains(&wanted), "{refused}");
            assert_eq!(refused.lines().count(), 1);
        }
    }
}
