//! S17 over HTTP: 5,000.00 US dollars within 3,600 seconds, by card or by address; and what is counted beside.

use std::time::Duration;

use serde_json::{Value, json};
use waxseal_tests::{Checkout, MASTERCARD, Shop, TestVerifier, VISA, visa};
use waxseal_verifier::{mode::Mode, upkeep};

const HERE: [u8; 4] = [198, 51, 100, 1];
const THERE: [u8; 4] = [198, 51, 100, 2];

/// Pays `amount` and gives what was decided.
async fn decision(
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
    session["decision"].clone()
}

/// Pays `amount` and gives the velocity rule's answer.
async fn pay(
    verifier: &TestVerifier,
    shop: &Shop,
    amount: (u64, &str),
    number: &str,
    ip: [u8; 4],
) -> Value {
    let decision = decision(verifier, shop, amount, number, ip).await;
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

/// A card testing's answer: the outcome, and code and values of each reason that asks for something.
async fn try_out(
    verifier: &TestVerifier,
    shop: &Shop,
    cents: u64,
    number: &str,
    ip: [u8; 4],
) -> (String, Vec<(String, Value)>) {
    let decision = decision(verifier, shop, (cents, "USD"), number, ip).await;
    let reasons = decision["reasons"].as_array().unwrap().iter();
    let of_testing = reasons
        .filter(|reason| {
            let rule = reason["rule"].as_str().unwrap();
            rule.starts_with("card_testing")
        })
        .map(|reason| {
            let code = reason["code"].as_str().unwrap();
            (code.to_owned(), reason["values"].clone())
        });
    let outcome = decision["outcome"].as_str().unwrap();
    (outcome.to_owned(), of_testing.collect())
}

fn address(at: usize) -> [u8; 4] {
    [198, 51, 100, u8::try_from(at).unwrap()]
}

/// Numbers that differ in their last three digits.
pub(crate) fn of_run(at: usize) -> String {
    let luhn = |digits: &String| {
        let sum: u32 = digits
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, digit)| {
                let digit = u32::from(digit - b'0') * (1 + u32::from(place % 2 == 1));
                digit / 10 + digit % 10
            })
            .sum();
        sum.is_multiple_of(10)
    };
    let digits = (0..10).map(|check| format!("4000001234567{at:02}{check}"));
    digits.into_iter().find(luhn).unwrap()
}

#[tokio::test]
async fn the_tenth_card_of_an_address_within_an_hour_is_challenged_on_every_verifier() {
    let verifier = TestVerifier::start().await;
    let beside = verifier.beside().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for at in 0..9 {
        let by = if at % 2 == 0 { &verifier } else { &beside };
        let (outcome, _) = try_out(by, &shop, 1999, &visa(at), HERE).await;
        assert_eq!(outcome, "allow", "card {at}");
        if at == 4 {
            // Whether a row is counted in memory or read beside makes no difference, nor does counting twice.
            assert!(beside.app.velocity.follow(&beside.app.store).await.unwrap() > 0);
            assert_eq!(
                beside.app.velocity.follow(&beside.app.store).await.unwrap(),
                0
            );
        }
    }
    // A card that was seen is none more, and another address has its own.
    assert_eq!(
        try_out(&beside, &shop, 1999, &visa(3), HERE).await.0,
        "allow"
    );
    assert_eq!(
        try_out(&verifier, &shop, 1999, &visa(10), THERE).await.0,
        "allow"
    );
    let other = verifier.shop(Mode::Test, "https://shop.example").await;
    assert_eq!(
        try_out(&verifier, &other, 1999, &visa(10), HERE).await.0,
        "allow"
    );
    for by in [&verifier, &beside] {
        let (outcome, reasons) = try_out(by, &shop, 1999, &visa(9), HERE).await;
        assert_eq!(outcome, "challenge");
        let values = json!({ "cards_1h": 10 });
        assert_eq!(reasons, [("many_cards_of_address".to_owned(), values)]);
    }
    // A verifier that starts counts what there is.
    let restarted = verifier.restart(|_| ()).await;
    let (outcome, _) = try_out(&restarted, &shop, 1999, &visa(3), HERE).await;
    assert_eq!(outcome, "challenge");
    restarted.clock.advance_millis(3_600_000);
    let (outcome, _) = try_out(&restarted, &shop, 1999, &visa(11), HERE).await;
    assert_eq!(outcome, "allow", "an hour to the second");
}

#[tokio::test]
async fn numbers_that_follow_each_other_are_challenged_and_then_rejected() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for at in 0..22 {
        let wanted = match at {
            0..4 => ("allow", Vec::new()),
            4..19 => ("challenge", vec!["bin_run"]),
            _ => ("reject", vec!["long_bin_run"]),
        };
        let (outcome, reasons) = try_out(&verifier, &shop, 1999, &of_run(at), address(at)).await;
        let codes: Vec<_> = reasons.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!((outcome.as_str(), codes), wanted, "number {at}");
    }
}

#[tokio::test]
async fn small_amounts_are_counted_once_a_session_and_refusals_not_at_all() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for at in 0..9 {
        let mut request = shop.session_request();
        request["amount"] = json!(499);
        let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
        // A number that is none, then one that is, twice.
        for (number, status) in [("4242424242424241", 422), (VISA, 200), (VISA, 200)] {
            let envelope = checkout.fresh(number);
            let request = checkout.request(&envelope);
            let answer = verifier.public_from(HERE.into(), request).await;
            assert_eq!(answer.status, status, "{at} {}", answer.text);
        }
    }
    assert_eq!(
        try_out(&verifier, &shop, 500, VISA, HERE).await.0,
        "allow",
        "5.00 is not small"
    );
    let rows = "SELECT count(*) FROM velocity_record";
    assert_eq!(verifier.database.number(rows), 10);
    let (outcome, reasons) = try_out(&verifier, &shop, 499, VISA, HERE).await;
    assert_eq!((outcome.as_str(), reasons.len()), ("challenge", 1));
    assert_eq!(reasons[0].1["of_address_10m"], 10);
    verifier.clock.advance_millis(600_000);
    assert_eq!(try_out(&verifier, &shop, 499, VISA, HERE).await.0, "allow");
}

#[tokio::test]
async fn an_erased_card_and_what_is_old_leave_no_row() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for number in [VISA, MASTERCARD, VISA] {
        try_out(&verifier, &shop, 1999, number, HERE).await;
    }
    let rows = || {
        verifier
            .database
            .number("SELECT count(*) FROM velocity_record")
    };
    let cards = verifier.call(&shop, "GET", "/v1/cards", None).await.json();
    let visa = cards["data"].as_array().unwrap().iter();
    let visa = visa.clone().find(|card| card["brand"] == "visa").unwrap();
    let path = format!("/v1/cards/{}", visa["id"].as_str().unwrap());
    assert_eq!(rows(), 3);
    assert_eq!(
        verifier.call(&shop, "DELETE", &path, None).await.status,
        204
    );
    assert_eq!(rows(), 1);
    let day = 24 * 60 * 60 * 1000;
    verifier.clock.advance_millis(32 * day);
    upkeep::sweep(&verifier.app, Duration::ZERO).await.unwrap();
    assert_eq!(rows(), 1);
    verifier.clock.advance_millis(1);
    upkeep::sweep(&verifier.app, Duration::ZERO).await.unwrap();
    assert_eq!(rows(), 0);
    // Its number is nobody's: what comes next is counted.
    try_out(&verifier, &shop, 1999, VISA, HERE).await;
    assert_eq!(
        verifier
            .app
            .velocity
            .follow(&verifier.app.store)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn an_email_digest_counts_together_in_whatever_case_and_is_erased_with_its_customer() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let mut emails = Vec::new();
    for digest in [Some("ab"), Some("AB"), Some("cd"), None] {
        let mut request = shop.session_request();
        request["customer"] = json!("c-1");
        if let Some(digest) = digest {
            request["email_digest"] = json!(digest.repeat(32));
        }
        let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
        assert_eq!(checkout.pay(&verifier, VISA).await.status, 200);
        let keys = "SELECT keys FROM velocity_record ORDER BY seq DESC LIMIT 1";
        // The sixth of eight keys.
        emails.push(verifier.database.bytes(keys)[40..48].to_vec());
    }
    assert_eq!(emails[0], emails[1]);
    assert_ne!(emails[0], emails[2]);
    assert_eq!(emails[3], [0; 8]);
    let kept = "SELECT count(*) FROM session WHERE email_digest IS NOT NULL";
    assert_eq!(verifier.database.number(kept), 3);
    let erased = verifier.call(&shop, "DELETE", "/v1/customers/c-1", None);
    assert_eq!(erased.await.status, 204);
    assert_eq!(verifier.database.number(kept), 0);
}
