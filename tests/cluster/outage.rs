//! A server that goes away: clear answers while it is gone, and no restart when it is back.

use waxseal_tests::{Checkout, Shop, TestVerifier, VISA};
use waxseal_verifier::mode::Mode;

use crate::server::Server;

const ORIGIN: &str = "https://shop.example";

async fn pay(verifier: &TestVerifier, shop: &Shop) -> String {
    let mut checkout = Checkout::open(verifier, shop).await;
    assert_eq!(checkout.pay(verifier, VISA).await.status, 200);
    checkout.session_id
}

async fn ready(verifier: &TestVerifier) -> u16 {
    verifier
        .public(waxseal_tests::get("/readyz", None))
        .await
        .status
        .as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_stopped_and_started_is_used_again() {
    let server = Server::make();
    let verifier = TestVerifier::start_on(server.database("outage")).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let before = pay(&verifier, &shop).await;
    let mut open = Checkout::open(&verifier, &shop).await;
    for mode in ["fast", "immediate"] {
        server.stop(mode);
        assert_eq!(open.pay(&verifier, VISA).await.problem(), "unavailable");
        let path = format!("/v1/sessions/{before}");
        let read = verifier.call(&shop, "GET", &path, None).await;
        assert_eq!(
            (read.status.as_u16(), read.problem().as_str()),
            (503, "unavailable")
        );
        assert_eq!(ready(&verifier).await, 503);
        server.start();
        assert_eq!(ready(&verifier).await, 200);
        pay(&verifier, &shop).await;
        let read = verifier.call(&shop, "GET", &path, None).await;
        assert_eq!(read.json()["card"]["last4"], "4242");
    }
    assert_eq!(open.pay(&verifier, VISA).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_costs_what_was_on_it_and_no_more() {
    let server = Server::make();
    let verifier = TestVerifier::start_on(server.database("cut")).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut taken = 0;
    for _ in 0..20 {
        let mut checkout = Checkout::open(&verifier, &shop).await;
        let database = verifier.database.clone();
        let cut = tokio::task::spawn_blocking(move || {
            // Every connection but this one.
            database.texts(
                "SELECT pg_terminate_backend(pid, 5000)::text FROM pg_stat_activity
                 WHERE application_name = 'waxseal-verifier'",
            )
        });
        let answer = checkout.pay(&verifier, VISA).await;
        cut.await.unwrap();
        match answer.status.as_u16() {
            200 => taken += 1,
            status => assert_eq!((status, answer.problem().as_str()), (503, "unavailable")),
        }
        // Whatever came of it, a new envelope ends in the one answer.
        while checkout.pay(&verifier, VISA).await.status != 200 {}
    }
    let submitted = verifier.database.number("SELECT count(*) FROM submission");
    assert_eq!(submitted, 20, "{taken} at the first attempt");
}
