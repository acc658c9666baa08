//! Orders, sessions and carts that change under way.

use axum::http::{StatusCode, header};
use serde_json::Value;
use waxseal_demo::{catalog::Product, checkout::prepare, order::Shopper};
use waxseal_tests::{MASTERCARD, VISA};
use waxseal_verifier::{clock::Clock, config::Config};

use crate::fixture::{Fixture, SHOP};

#[tokio::test]
async fn an_order_is_paid_and_shown() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    assert_eq!(state["total"], "$35.00");
    let paid = fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    assert_eq!(paid.status, StatusCode::OK, "{}", paid.text);

    let page = fixture.get("/order").await.text;
    for shown in [
        "<span data-brand>Visa</span>",
        "<span data-last4>4242</span>",
        "$35.00",
    ] {
        assert!(page.contains(shown), "{shown} is not on the page");
    }
    assert!(!page.contains(VISA) && !page.contains("card_"), "{page}");
    assert!(
        fixture
            .get("/cart")
            .await
            .text
            .contains("Your cart is empty")
    );
    let again = fixture.ask("POST", "/api/checkout", false, "").await;
    assert_eq!(
        (again.status, again.json()["code"].as_str()),
        (StatusCode::CONFLICT, Some("cart_empty"))
    );

    let session = &fixture.panel("order").await["session"];
    assert_eq!(session["card"]["last4"], "4242");
    assert_eq!(session["amount"], 3500);
    assert!(
        session["decision"]["reasons"]
            .as_array()
            .is_some_and(|reasons| !reasons.is_empty())
    );
}

#[tokio::test]
async fn somebody_else_sees_nothing_of_it() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    assert_eq!(fixture.get("/order").await.status, StatusCode::OK);

    fixture.cookie = None;
    assert_eq!(fixture.get("/order").await.headers[header::LOCATION], "/");
    assert_eq!(fixture.panel("order").await["session"], Value::Null);
    fixture.add("product=seal&quantity=1").await;
    assert_eq!(
        fixture.get("/order").await.headers[header::LOCATION],
        "/checkout"
    );
    assert_eq!(fixture.panel("order").await["session"], Value::Null);
}

#[tokio::test]
async fn another_country_is_another_revision() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    let mut frame = fixture.frame(&state).await;
    let abroad = fixture
        .ask(
            "POST",
            "/api/checkout/country",
            false,
            r#"{"country":"FR"}"#,
        )
        .await
        .json();
    assert_eq!(abroad["total"], "$47.00");

    let refused = frame.pay(&fixture.verifier, VISA).await;
    assert_eq!(refused.problem(), "session_changed");
    let mut frame = fixture.frame(&abroad).await;
    assert_eq!(
        frame.pay(&fixture.verifier, VISA).await.status,
        StatusCode::OK
    );
    fixture.get("/order").await;
    let session = &fixture.panel("order").await["session"];
    assert_eq!(session["amount"], 4700);
    assert_eq!(session["shipping_country"], "FR");
    assert_eq!(fixture.sessions(), 1);

    for bad in [
        "{}",
        r#"{"country":"XX"}"#,
        r#"{"country":"FR","amount":1}"#,
        "x",
    ] {
        let refused = fixture
            .ask("POST", "/api/checkout/country", false, bad)
            .await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn a_cart_that_grows_in_another_tab_cannot_be_paid_at_the_old_amount() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    let mut frame = fixture.frame(&state).await;
    fixture.add("product=desk&quantity=1").await;
    assert_eq!(
        frame.pay(&fixture.verifier, VISA).await.problem(),
        "session_changed"
    );
    assert_eq!(fixture.check_out().await["total"], "$2,479.00");
}

#[tokio::test]
async fn what_is_added_after_paying_is_another_order() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    // The page that paid never came back; another tab goes on shopping.
    fixture.add("product=seal&quantity=1").await;

    let cart = fixture.get("/cart").await.text;
    assert!(cart.contains("<dd data-subtotal>$48.00</dd>"), "{cart}");
    let page = fixture.get("/order").await.text;
    assert!(
        page.contains("$35.00") && page.contains("Sealing wax"),
        "{page}"
    );
    let next = fixture.frame(&fixture.check_out().await).await;
    assert!(!state.to_string().contains(&next.session_id));
    assert_eq!(fixture.sessions(), 2);
}

#[tokio::test]
async fn impatient_clicks_open_one_session() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let (first, second) = tokio::join!(fixture.check_out(), fixture.check_out());
    let (first, second) = (fixture.frame(&first).await, fixture.frame(&second).await);
    assert_eq!(first.session_id, second.session_id);
    assert_eq!(fixture.sessions(), 1);
}

#[tokio::test]
async fn a_session_that_ran_out_is_replaced_within_the_order() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let first = fixture.frame(&fixture.check_out().await).await;
    let order = fixture.panel("checkout").await["session"]["order_id"].clone();
    fixture.verifier.clock.advance_millis(3_601_000);
    let mut second = fixture.frame(&fixture.check_out().await).await;
    assert_ne!(first.session_id, second.session_id);
    assert_eq!(
        second.pay(&fixture.verifier, VISA).await.status,
        StatusCode::OK
    );
    fixture.get("/order").await;
    assert_eq!(fixture.panel("order").await["session"]["order_id"], order);
}

#[tokio::test]
async fn a_renewed_token_pays_for_the_same_session() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=2").await;
    let mut first = fixture.frame(&fixture.check_out().await).await;
    fixture.verifier.clock.advance_millis(901_000);
    first.header.iat = fixture.verifier.clock.now().seconds();
    assert_eq!(
        first.pay(&fixture.verifier, VISA).await.problem(),
        "client_token_expired"
    );
    let mut second = fixture.frame(&fixture.check_out().await).await;
    assert_eq!(first.session_id, second.session_id);
    assert_eq!(
        second.pay(&fixture.verifier, VISA).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_rejected_card_leaves_the_order_open() {
    let block = |config: &mut Config| {
        config.risk.block_cidrs = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let mut fixture = Fixture::open_with(block).await;
    fixture.add("product=wax&quantity=2").await;
    let state = fixture.check_out().await;
    let declined = fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, MASTERCARD)
        .await;
    assert_eq!(declined.json()["status"], "declined");
    assert_eq!(
        fixture.get("/order").await.headers[header::LOCATION],
        "/checkout"
    );
    assert_eq!(
        fixture.panel("checkout").await["session"]["decision"]["outcome"],
        "reject"
    );
    assert_eq!(fixture.check_out().await["status"], "ready");
}

#[tokio::test]
async fn a_large_order_is_taken_and_held_back() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=desk&quantity=3").await;
    let state = fixture.check_out().await;
    assert_eq!(state["total"], "$7,350.00");
    let paid = fixture
        .frame(&state)
        .await
        .pay(&fixture.verifier, VISA)
        .await;
    assert_eq!(paid.json()["status"], "accepted");
    let page = fixture.get("/order").await.text;
    assert!(page.contains("accepted, under review"), "{page}");
    // The customer is told what happens, not why.
    assert!(
        !page.contains("velocity") && !page.contains("5,000"),
        "{page}"
    );
}

#[tokio::test]
async fn a_lost_answer_opens_no_second_session() {
    let fixture = Fixture::open().await;
    let mut shopper = Shopper::default();
    shopper.basket.add(Product::Wax, 2);
    let verifier = &fixture.app.verifier;
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    let session_id = shopper.open_session_id().map(str::to_owned);

    lose_answer(&mut shopper);
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    assert_eq!(shopper.open_session_id().map(str::to_owned), session_id);
    assert_eq!(fixture.sessions(), 1);

    // The key stands for another amount by now: another session, not another order.
    let order = shopper.open.as_ref().map(|order| order.id.clone());
    lose_answer(&mut shopper);
    shopper.basket.add(Product::Seal, 1);
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    assert_ne!(shopper.open_session_id().map(str::to_owned), session_id);
    assert_eq!(shopper.open.as_ref().map(|order| order.id.clone()), order);
}

fn lose_answer(shopper: &mut Shopper) {
    shopper.open.as_mut().unwrap().session = None;
}

#[tokio::test]
async fn a_session_that_the_verifier_does_not_know_is_replaced() {
    let fixture = Fixture::open().await;
    let mut shopper = Shopper::default();
    shopper.basket.add(Product::Wax, 2);
    let verifier = &fixture.app.verifier;
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    let session = shopper.open.as_mut().unwrap().session.as_mut().unwrap();
    session.session_id = "cs_test_00000000000000000000000000".into();
    prepare(verifier, SHOP, &mut shopper).await.unwrap();
    assert_eq!(fixture.sessions(), 2);
}

#[tokio::test]
async fn an_order_that_was_paid_after_all_is_not_given_up() {
    let mut fixture = Fixture::open().await;
    fixture.add("product=wax&quantity=1").await;
    let state = fixture.check_out().await;
    let session = |state: &Value| state["client_token"].as_str().unwrap().to_owned();
    // Given up before it was paid: another session for the same cart.
    let restarted = fixture.ask("POST", "/checkout/restart", true, "").await;
    assert_eq!(restarted.headers[header::LOCATION], "/checkout");
    let state_again = fixture.check_out().await;
    assert_ne!(session(&state), session(&state_again));
    // Paid, and the page did not hear of it: the button leads to the order.
    let mut frame = fixture.frame(&state_again).await;
    assert_eq!(
        frame.pay(&fixture.verifier, VISA).await.status,
        StatusCode::OK
    );
    let restarted = fixture.ask("POST", "/checkout/restart", true, "").await;
    assert_eq!(restarted.headers[header::LOCATION], "/order");
    assert!(fixture.get("/order").await.text.contains("4242"));
}
