//! What a purchase gives to the frame and to the merchant's server.

use futures_util::future::join_all;
use serde_json::json;
use waxseal_protocol::card::{TEST_CARDS, is_luhn_valid};
use waxseal_tests::{AMEX, Checkout, MASTERCARD, TestVerifier, VISA, card, sealed};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";

#[tokio::test]
async fn a_sealed_card_becomes_a_token_and_a_decision() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut checkout = Checkout::open(&verifier, &shop).await;

    let answer = checkout.pay(&verifier, VISA).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "status": "accepted", "brand": "visa", "last4": "4242" })
    );

    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(&shop, "GET", &path, None).await.json();
    assert_eq!(session["status"], "accepted");
    assert_eq!(session["attempts"], 1);
    assert_eq!(session["decision"]["outcome"], "allow");
    assert_eq!(session["decision"]["rule_set"], "builtin-2");
    let rules: Vec<_> = session["decision"]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules,
        [
            "ip_block_list",
            "velocity",
            "bin_country",
            "sdk_build",
            "model"
        ]
    );
    let by_model = &session["decision"]["reasons"][4];
    assert_eq!(
        (&by_model["code"], &by_model["effect"]),
        (&json!("model_scored"), &json!("none"))
    );
    let values = &by_model["values"];
    assert!(
        values["model.score"]
            .as_f64()
            .is_some_and(|score| (0.0..=1.0).contains(&score))
    );
    assert!(
        values["model.version"]
            .as_str()
            .unwrap()
            .starts_with("builtin@")
    );
    assert_eq!(values["simulated"], true);
    assert!((1..=5).contains(&values["contributions"].as_array().unwrap().len()));
    let card = &session["card"];
    assert_eq!(
        (&card["brand"], &card["last4"]),
        (&json!("visa"), &json!("4242"))
    );
    assert_eq!(
        (&card["exp_month"], &card["exp_year"]),
        (&json!(12), &json!(2030))
    );
    let token = card["token"].as_str().unwrap();
    assert_eq!(token.len(), 16);
    assert!(token.ends_with("4242") && !is_luhn_valid(token));

    let path = format!("/v1/cards/{}", card["id"].as_str().unwrap());
    let stored = verifier.call(&shop, "GET", &path, None).await.json();
    assert_eq!(stored["token"], token);
    let page = verifier
        .call(&shop, "GET", "/v1/cards?limit=1", None)
        .await
        .json();
    assert_eq!(page["data"], json!([stored]));
}

#[tokio::test]
async fn every_test_card_is_taken() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for card in TEST_CARDS {
        let mut checkout = Checkout::open(&verifier, &shop).await;
        let answer = checkout.pay(&verifier, card.number).await;
        assert_eq!(answer.status, 200, "{}: {}", card.number, answer.text);
        assert_eq!(answer.json()["brand"], card.brand.as_str());
    }
}

#[tokio::test]
async fn a_pan_is_one_card_within_a_merchant_and_two_across_merchants() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let other_shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut cards = Vec::new();
    for shop in [&shop, &shop, &other_shop] {
        let mut checkout = Checkout::open(&verifier, shop).await;
        assert_eq!(checkout.pay(&verifier, VISA).await.status, 200);
        let path = format!("/v1/sessions/{}", checkout.session_id);
        cards.push(verifier.call(shop, "GET", &path, None).await.json()["card"].clone());
    }
    assert_eq!(cards[0], cards[1]);
    assert_ne!(cards[0]["id"], cards[2]["id"]);
    assert_ne!(cards[0]["token"], cards[2]["token"]);
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_and_another_card_none() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut checkout = Checkout::open(&verifier, &shop).await;
    let first = checkout.pay(&verifier, VISA).await;
    let counts = verifier.row_counts();
    let again = checkout.pay(&verifier, VISA).await;
    assert_eq!(first.json(), again.json());
    assert_eq!(
        checkout.pay(&verifier, MASTERCARD).await.problem(),
        "session_completed"
    );
    for ((table, before), (_, after)) in counts.iter().zip(verifier.row_counts()) {
        let grown = matches!(table.as_str(), "audit" | "session_jti");
        assert_eq!(after > *before, grown, "{table}: {before} -> {after}");
    }
}

#[tokio::test]
async fn a_blocked_address_is_declined_and_may_try_again() {
    let verifier = TestVerifier::start_with(|config| {
        config.risk.block_cidrs = vec!["192.0.2.0/24".parse().unwrap()];
    })
    .await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut checkout = Checkout::open(&verifier, &shop).await;
    let envelope = checkout.fresh(VISA);
    let blocked = verifier
        .public_from([192, 0, 2, 7].into(), checkout.request(&envelope))
        .await;
    assert_eq!(
        blocked.json(),
        json!({ "status": "declined", "brand": "visa" }),
        "the last four are for an accepted card alone"
    );
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(&shop, "GET", &path, None).await.json();
    assert_eq!(session["decision"]["outcome"], "reject");
    assert_eq!(
        session["decision"]["reasons"][0]["values"]["network"],
        "192.0.2.0/24"
    );

    assert_eq!(
        checkout.pay(&verifier, MASTERCARD).await.json()["status"],
        "accepted"
    );
    let session = verifier.call(&shop, "GET", &path, None).await.json();
    assert_eq!(session["card"]["brand"], "mastercard");
}

#[tokio::test]
async fn a_foreign_card_and_an_unknown_build_are_flagged() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut request = shop.session_request();
    request["shipping_country"] = json!("JP");
    let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
    checkout.header.bld = "BBBBBBBBBBBBBBBBBBBBBA".to_owned();
    assert_eq!(
        checkout.pay(&verifier, MASTERCARD).await.json()["status"],
        "accepted"
    );
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let decision = verifier.call(&shop, "GET", &path, None).await.json()["decision"].clone();
    assert_eq!(decision["outcome"], "allow");
    assert_eq!(decision["reasons"][2]["code"], "bin_country_differs");
    assert_eq!(decision["reasons"][3]["code"], "sdk_build_unknown");
    assert_eq!(decision["points"], 40);
}

#[tokio::test]
async fn a_short_numbers_country_is_known_too() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for (country, code) in [("US", "bin_country_matches"), ("JP", "bin_country_differs")] {
        let mut request = shop.session_request();
        request["shipping_country"] = json!(country);
        let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
        assert_eq!(checkout.pay(&verifier, AMEX).await.status, 200);
        let path = format!("/v1/sessions/{}", checkout.session_id);
        let session = verifier.call(&shop, "GET", &path, None).await.json();
        assert_eq!(session["decision"]["reasons"][2]["code"], code);
        assert_eq!(session["decision"]["facts"]["bin_country"], "US");
    }
}

#[tokio::test]
async fn a_new_expiry_is_the_same_card() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut seen = Vec::new();
    for year in [2030, 2031] {
        let mut checkout = Checkout::open(&verifier, &shop).await;
        let mut card = card(VISA);
        card.exp_year = year;
        let envelope = checkout.seal(&sealed(card));
        assert_eq!(checkout.submit(&verifier, &envelope).await.status, 200);
        let path = format!("/v1/sessions/{}", checkout.session_id);
        seen.push(verifier.call(&shop, "GET", &path, None).await.json()["card"].clone());
    }
    assert_eq!(
        (&seen[0]["id"], &seen[0]["token"]),
        (&seen[1]["id"], &seen[1]["token"])
    );
    assert_eq!(
        (&seen[0]["exp_year"], &seen[1]["exp_year"]),
        (&json!(2030), &json!(2031))
    );
}

#[tokio::test]
async fn first_submissions_of_one_number_at_once_are_one_card() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut requests = Vec::new();
    for _ in 0..100 {
        let mut checkout = Checkout::open(&verifier, &shop).await;
        let envelope = checkout.fresh(VISA);
        requests.push(checkout.request(&envelope));
    }
    let answers = join_all(requests.into_iter().map(|request| verifier.public(request))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let cards = verifier.call(&shop, "GET", "/v1/cards", None).await.json();
    assert_eq!(cards["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn behind_a_proxy_the_customers_address_counts() {
    let verifier = TestVerifier::start_with(|config| {
        config.listen.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        config.risk.block_cidrs = vec!["192.0.2.0/24".parse().unwrap()];
    })
    .await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let proxy = [10, 0, 0, 1].into();
    let stranger = [198, 51, 100, 1].into();
    for (from, forwarded, status) in [
        (proxy, "203.0.113.9", Some("accepted")),
        (proxy, "203.0.113.9, 192.0.2.7", Some("declined")),
        (stranger, "192.0.2.7", Some("accepted")),
        (proxy, "", None),
    ] {
        let mut checkout = Checkout::open(&verifier, &shop).await;
        let envelope = checkout.fresh(VISA);
        let mut request = checkout.request(&envelope);
        request
            .headers_mut()
            .insert("x-forwarded-for", forwarded.parse().unwrap());
        let answer = verifier.public_from(from, request).await;
        match status {
            Some(status) => assert_eq!(answer.json()["status"], status, "{forwarded}"),
            None => assert_eq!(answer.problem(), "request_invalid"),
        }
    }
}
