//! S17 over HTTP: 5,000.00 US dollars within 3,600 seconds, by card or by address.

use serde_json::{Value, json};
use waxseal_tests::{Checkout, MASTERCARD, Shop, TestVerifier, VISA};
use waxseal_verifier::mode::Mode;

const HERE: [u8; 4] = [198, 51, 100, 1];
const THERE: [u8; 4] = [198, 51, 100, 2];

/// Pays `amount` and gives the velocity rule's answer.
async fn pay(
    verifier: &TestVerifier,
    shop: &Shop,
    (amount, currency): (u64, &str),
    number: &str,
    ip: [u8; 4],
) -> Value {
    let mut request = shop.session_request();
    request["amount"] = json!(amount);
    request["currency"] = json!(currency);
    let mut checkout = Checkout::open_with(verifier, shop, request).await;
    let envelope = checkout.fresh(number);
    let answer = verifier
        .public_from(ip.into(), checkout.request(&envelope))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(shop, "GET", &path, None).await.json();
    let decision = &session["decision"];
    let code = decision["reasons"][1]["code"].clone();
    let reviewed = code != "velocity_within_limit";
    assert_eq!(decision["outcome"] == "review", reviewed, "{decision}");
    code
}

#[tokio::test]
async fn one_purchase_of_five_thousand_passes_and_a_cent_more_does_not() {
    let verifier = TestVerifier::start().await;
    for (amount, code) in [
        (500_000, "velocity_within_limit"),
        (500_001, "velocity_above_limit"),
    ] {
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        assert_eq!(
            pay(&verifier, &shop, (amount, "USD"), VISA, HERE).await,
            code
        );
    }
}

#[tokio::test]
async fn the_window_is_an_hour_to_the_second() {
    for (seconds, code) in [
        (3_599, "velocity_above_limit"),
        (3_600, "velocity_within_limit"),
    ] {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        pay(&verifier, &shop, (500_000, "USD"), VISA, HERE).await;
        verifier.clock.advance_millis(seconds * 1000);
        let later = pay(&verifier, &shop, (1, "USD"), VISA, HERE).await;
        assert_eq!(later, code, "after {seconds} s");
    }
}

#[tokio::test]
async fn card_and_address_each_link_and_neither_does_not() {
    let verifier = TestVerifier::start().await;
    for (number, ip, code) in [
        (VISA, THERE, "velocity_above_limit"),
        (MASTERCARD, HERE, "velocity_above_limit"),
        (MASTERCARD, THERE, "velocity_within_limit"),
    ] {
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        pay(&verifier, &shop, (500_000, "USD"), VISA, HERE).await;
        assert_eq!(pay(&verifier, &shop, (1, "USD"), number, ip).await, code);
    }
}

#[tokio::test]
async fn another_merchants_sales_do_not_count() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let other = verifier.shop(Mode::Test, "https://shop.example").await;
    pay(&verifier, &other, (500_000, "USD"), VISA, HERE).await;
    let code = pay(&verifier, &shop, (1, "USD"), VISA, HERE).await;
    assert_eq!(code, "velocity_within_limit");
}

#[tokio::test]
async fn a_session_counts_once_however_often_it_is_submitted() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let mut request = shop.session_request();
    request["amount"] = json!(200_000);
    let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
    for _ in 0..5 {
        assert_eq!(checkout.pay(&verifier, VISA).await.status, 200);
    }
    let code = pay(&verifier, &shop, (300_000, "USD"), VISA, HERE).await;
    assert_eq!(code, "velocity_within_limit");
}

#[tokio::test]
async fn a_rejected_session_does_not_count() {
    let verifier = TestVerifier::start_with(|config| {
        config.risk.block_cidrs = vec!["203.0.113.0/24".parse().unwrap()];
    })
    .await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let mut request = shop.session_request();
    request["amount"] = json!(500_000);
    let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
    let envelope = checkout.fresh(VISA);
    let blocked = verifier
        .public_from([203, 0, 113, 1].into(), checkout.request(&envelope))
        .await;
    assert_eq!(blocked.json()["status"], "declined");
    let code = pay(&verifier, &shop, (1, "USD"), VISA, HERE).await;
    assert_eq!(code, "velocity_within_limit");
}

#[tokio::test]
async fn other_currencies_count_at_their_rate_and_unknown_ones_are_reviewed() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    // 4,629.63 EUR at 1.08 are 5,000.0004 USD; a cent less are 4,999.9896.
    for (amount, code) in [
        (462_962, "velocity_within_limit"),
        (462_963, "velocity_above_limit"),
    ] {
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        assert_eq!(
            pay(&verifier, &shop, (amount, "EUR"), VISA, HERE).await,
            code
        );
    }
    let code = pay(&verifier, &shop, (100, "CHF"), VISA, HERE).await;
    assert_eq!(code, "amount_without_rate");
}
