//! Verifiers beside each other write chains of their own, and all of them verify.

use futures_util::future::join_all;
use waxseal_tests::TestVerifier;
use waxseal_verifier::{
    audit::{RootKeys, Witnesses, verify},
    mode::Mode,
};

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn verifiers_beside_each_other_write_chains_of_their_own() {
    let server = Server::make();
    let verifier = TestVerifier::start_on(server.database("audit")).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let other = verifier.beside().await;
    let calls = (0..40).map(|number| {
        let verifier = [&verifier, &other][number % 2];
        verifier.call(&shop, "POST", "/v1/sessions", Some(shop.session_request()))
    });
    for answer in join_all(calls).await {
        assert_eq!(answer.status, 201);
    }
    let chains = "SELECT count(DISTINCT chain) FROM audit WHERE action = 'session.created'";
    assert_eq!(verifier.database.number(chains), 2);
    let keys = RootKeys::of(&verifier.app.keyring());
    let report = verifier
        .app
        .store
        .read(move |connection| verify(connection, &keys, &Witnesses::default()));
    let report = report.await.unwrap();
    assert!(
        report.faults.is_empty() && report.entries >= 40,
        "{report:?}"
    );
}
