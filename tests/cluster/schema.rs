//! The schema on a server that several verifiers share.

use waxseal_tests::TestVerifier;
use waxseal_verifier::store::{Schema, Store};

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn verifiers_that_start_together_make_one_schema() {
    let server = Server::make();
    let database = server.database("together");
    let location = database.config().location().unwrap();
    let starts = (0..6).map(|_| Store::create(&location));
    for started in futures_util::future::join_all(starts).await {
        started.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_is_not_used_before_it_is_brought_up_to_date() {
    let server = Server::make();
    let database = server.database("older");
    let location = database.config().location().unwrap();
    let refused = Store::open(&location, Schema::Expect).await.err().unwrap();
    assert!(
        refused.to_string().contains("verifier migrate"),
        "{refused}"
    );
    Store::open(&location, Schema::Migrate).await.unwrap();
    Store::open(&location, Schema::Expect).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused() {
    let server = Server::make();
    let verifier = TestVerifier::start_on(server.database("newer")).await;
    let location = verifier.database.config().location().unwrap();
    verifier.database.run(&[
        "INSERT INTO refinery_schema_history SELECT version + 1000, 'later', applied_on, checksum
         FROM refinery_schema_history WHERE version = 1",
    ]);
    for schema in [Schema::Expect, Schema::Migrate] {
        let refused = Store::open(&location, schema).await.err().unwrap();
        assert!(refused.to_string().contains("schema"), "{refused}");
    }
}
