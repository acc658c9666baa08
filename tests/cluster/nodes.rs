//! Two verifiers on one database: what one has done, the other knows.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use waxseal_tests::{Checkout, Shop, TestVerifier, VISA, card, sealed, visa};
use waxseal_verifier::{
    keys::{Purpose, rotate},
    mode::Mode,
    upkeep,
};

use crate::server::Server;

const ORIGIN: &str = "https://shop.example";

async fn two(server: &Server) -> (TestVerifier, TestVerifier, Shop) {
    let first = TestVerifier::start_on(server.database("nodes")).await;
    let second = first.beside().await;
    let shop = first.shop(Mode::Test, ORIGIN).await;
    (first, second, shop)
}

async fn cards(verifier: &TestVerifier, shop: &Shop) -> Vec<Value> {
    let list = verifier.call(shop, "GET", "/v1/cards", None).await;
    list.json()["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_new_to_both_becomes_one_card() {
    let server = Server::make();
    let (first, second, shop) = two(&server).await;
    // Each number comes to both at the same time.
    for round in 0..12_usize {
        let number = visa(round);
        let submissions = (0..8).map(|at| {
            let verifier = if at % 2 == 0 { &first } else { &second };
            let (shop, number) = (&shop, &number);
            async move {
                let mut checkout = Checkout::open(verifier, shop).await;
                checkout.pay(verifier, number).await.status.as_u16()
            }
        });
        let statuses = join_all(submissions).await;
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    }
    assert_eq!(cards(&first, &shop).await, cards(&second, &shop).await);
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        first.database.number(&sql)
    };
    assert_eq!(count("card"), 12);
    assert_eq!(count("card_fingerprint"), 12);
    assert_eq!(count("submission"), 96);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_taken_once_by_whichever_verifier() {
    let server = Server::make();
    let (first, second, shop) = two(&server).await;
    for _ in 0..10 {
        let mut checkout = Checkout::open(&first, &shop).await;
        let envelope = checkout.seal(&sealed(card(VISA)));
        let (one, other) = tokio::join!(
            first.public(checkout.request(&envelope)),
            second.public(checkout.request(&envelope))
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let attempts = first.database.number(&format!(
            "SELECT attempts FROM session WHERE id = id_bytes('{}')",
            checkout.session_id
        ));
        assert_eq!(attempts, 2, "both were counted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_has_more_attempts_than_it_may_over_both() {
    let server = Server::make();
    let (first, second, shop) = two(&server).await;
    let mut checkout = Checkout::open(&first, &shop).await;
    let mut wrong = sealed(card(VISA));
    wrong.card.as_mut().unwrap().number = "4242424242424241".to_owned().into();
    let envelopes: Vec<_> = (0..30).map(|_| checkout.seal(&wrong)).collect();
    let checkout = &checkout;
    let answers = join_all(envelopes.iter().enumerate().map(|(at, envelope)| {
        let verifier = if at % 2 == 0 { &first } else { &second };
        async move { verifier.public(checkout.request(envelope)).await }
    }))
    .await;
    let taken = answers
        .iter()
        .filter(|answer| answer.problem() != "attempts_exhausted")
        .count();
    assert_eq!(taken, 10);
    let attempts = first.database.number("SELECT attempts FROM session");
    assert_eq!(attempts, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_that_has_not_seen_the_newest_root_still_finds_the_card() {
    let server = Server::make();
    let (first, second, shop) = two(&server).await;
    let mut checkout = Checkout::open(&first, &shop).await;
    assert_eq!(checkout.pay(&first, VISA).await.status.as_u16(), 200);
    // The first makes a new root, moves to it and deletes what was found by the former.
    let app = &first.app;
    let root = (Purpose::FingerprintRoot, Mode::Test);
    rotate(
        &app.store,
        app.keys.kek(),
        root,
        true,
        &*app.rng,
        app.clock.now(),
    )
    .await
    .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    upkeep::follow_keys(app, Duration::ZERO).await.unwrap();
    assert_eq!(
        first
            .database
            .texts("SELECT DISTINCT version FROM card_fingerprint"),
        ["2"]
    );
    let mut checkout = Checkout::open(&second, &shop).await;
    assert_eq!(checkout.pay(&second, VISA).await.status.as_u16(), 200);
    assert_eq!(cards(&first, &shop).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_postgresql_does_not_take_costs_nobody_else_anything() {
    let server = Server::make();
    let (first, _second, shop) = two(&server).await;
    let body = || Some(serde_json::json!({ "rev": 1, "amount": 5 }));
    let others = (0..20).map(|_| Checkout::open(&first, &shop));
    let wrong = (0..20).map(|_| first.call(&shop, "PATCH", "/v1/sessions/%00", body()));
    let (_, refused) = tokio::join!(join_all(others), join_all(wrong));
    for answer in refused {
        assert_eq!(answer.problem(), "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_that_asks_too_often_ends_and_so_does_everybody_else() {
    let server = Server::make();
    let (first, _second, shop) = two(&server).await;
    // Far more than there are waves in a group: each waits for the one before.
    let wrong = (0..120).map(|_| {
        let request = waxseal_tests::get("/v1/session", Some("no.such.token"));
        first.public(request)
    });
    let others = (0..20).map(|_| Checkout::open(&first, &shop));
    let (refused, _) = tokio::join!(join_all(wrong), join_all(others));
    assert!(refused.iter().all(|answer| answer.status.as_u16() == 401));
    let logged = "SELECT count(*) FROM audit WHERE action = 'auth.failed'";
    assert_eq!(first.database.number(logged), 120);
    first.look().await;
    assert_eq!(first.database.number("SELECT count(*) FROM alert"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_both_count_at_once_both_know_afterwards() {
    let server = Server::make();
    let (first, second, shop) = two(&server).await;
    let submit = async |verifier: &TestVerifier, number: usize| {
        let mut checkout = Checkout::open(verifier, &shop).await;
        let answer = checkout.pay(verifier, &visa(number)).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
        let path = format!("/v1/sessions/{}", checkout.session_id);
        let session = verifier.call(&shop, "GET", &path, None).await.json();
        let reasons = session["decision"]["reasons"].as_array().unwrap().clone();
        let many = reasons
            .into_iter()
            .find(|reason| reason["code"] == "many_cards_of_address");
        many.map(|reason| reason["values"]["cards_1h"].clone())
    };
    let submissions = (0..40).map(|at| {
        let verifier = if at % 2 == 0 { &first } else { &second };
        submit(verifier, at)
    });
    join_all(submissions).await;
    for verifier in [&first, &second] {
        assert_eq!(submit(verifier, 0).await, Some(40.into()));
        verifier
            .app
            .velocity
            .follow(&verifier.app.store)
            .await
            .unwrap();
        assert_eq!(submit(verifier, 0).await, Some(40.into()));
    }
    let lanes = "SELECT count(DISTINCT lane) FROM velocity_record";
    assert_eq!(first.database.number(lanes), 2);
}
