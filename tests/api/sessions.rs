//! Sessions as the merchant's server creates, reads, changes and renews them.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use waxseal_tests::{Answer, Checkout, Shop, TestVerifier, VISA, get};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";

async fn create_with_key(verifier: &TestVerifier, shop: &Shop, key: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri("/v1/sessions")
        .header(header::AUTHORIZATION, shop.authorization())
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key)
        .body(Body::from(body.to_string()))
        .unwrap();
    verifier.private(request).await
}

#[tokio::test]
async fn a_session_reads_back_as_it_was_created() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let request = json!({
        "amount": 1999, "currency": "KWD", "order_id": "A-1", "origin": ORIGIN,
        "shipping_country": "DE", "accepted_brands": ["visa", "mastercard"], "locale": "de-AT",
        "signals": "minimal", "purpose": "payment", "billing_country": "AT",
    });
    let created = verifier
        .call(&shop, "POST", "/v1/sessions", Some(request.clone()))
        .await;
    assert_eq!(created.status, 201);
    let created = created.json();
    let path = format!("/v1/sessions/{}", created["id"].as_str().unwrap());
    let read = verifier.call(&shop, "GET", &path, None).await.json();
    for (name, value) in request.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    for (name, value) in read.as_object().unwrap() {
        assert_eq!(&created[name], value, "{name}");
    }
    assert_eq!(read["created_at"], "2026-11-18T11:06:40Z");
    assert_eq!(read["expires_at"], "2026-11-18T12:06:40Z");
    assert_eq!(created["client_token_expires_at"], "2026-11-18T11:21:40Z");

    let token = created["client_token"].as_str().unwrap();
    let view = verifier
        .public(get("/v1/session", Some(token)))
        .await
        .json();
    assert_eq!(view["merchant_name"], "Shop");
    assert_eq!(
        (&view["amount"], &view["currency_exponent"]),
        (&json!(1999), &json!(3))
    );
    for hidden in ["order_id", "shipping_country", "decision", "merchant_id"] {
        assert!(view.get(hidden).is_none(), "{hidden}");
    }
}

#[tokio::test]
async fn a_bad_session_request_is_refused_and_stores_nothing() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let counts = verifier.row_counts();
    for (name, value, code) in [
        ("amount", json!(0), "request_invalid"),
        ("amount", json!(-1), "request_invalid"),
        ("amount", json!(19.99), "request_invalid"),
        ("amount", json!(1_000_000_000_000_u64), "request_invalid"),
        ("amount", json!("1999"), "request_invalid"),
        ("currency", json!("usd"), "request_invalid"),
        ("currency", json!("XYZ"), "request_invalid"),
        ("order_id", json!(""), "request_invalid"),
        ("order_id", json!("a b"), "request_invalid"),
        ("order_id", json!("x".repeat(65)), "request_invalid"),
        (
            "origin",
            json!("https://other.example"),
            "origin_not_registered",
        ),
        (
            "origin",
            json!("https://shop.example/"),
            "origin_not_registered",
        ),
        ("origin", json!("*"), "origin_not_registered"),
        ("origin", json!("\0"), "origin_not_registered"),
        ("shipping_country", json!("XX"), "request_invalid"),
        ("shipping_country", json!("de"), "request_invalid"),
        ("billing_country", json!("XX"), "request_invalid"),
        ("email_digest", json!("ann@example.com"), "request_invalid"),
        ("email_digest", json!("a".repeat(63)), "request_invalid"),
        ("email_digest", json!("g".repeat(64)), "request_invalid"),
        ("shopper_ip", json!("localhost"), "request_invalid"),
        ("shopper_ip", json!("203.0.113.0/24"), "request_invalid"),
        ("accepted_brands", json!([]), "request_invalid"),
        ("accepted_brands", json!(["switch"]), "request_invalid"),
        ("locale", json!("d"), "request_invalid"),
        ("locale", json!("de_DE'"), "request_invalid"),
        ("locale", json!("--"), "request_invalid"),
        ("locale", json!("a-"), "request_invalid"),
        ("locale", json!("en-"), "request_invalid"),
        ("locale", json!("123"), "request_invalid"),
        ("locale", json!("de_DE"), "request_invalid"),
        ("locale", json!(""), "request_invalid"),
        ("signals", json!("some"), "request_invalid"),
        ("purpose", json!("setup"), "request_invalid"),
        ("unknown", json!(1), "request_invalid"),
    ] {
        let mut request = shop.session_request();
        request[name] = value.clone();
        let answer = verifier
            .call(&shop, "POST", "/v1/sessions", Some(request))
            .await;
        assert_eq!(answer.problem(), code, "{name}: {value}");
    }
    assert_eq!(verifier.row_counts(), counts);
}

#[tokio::test]
async fn a_refused_session_does_not_use_up_its_idempotency_key() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let counts = verifier.row_counts();
    let mut body = shop.session_request();
    body["origin"] = json!("https://other.example");
    for _ in 0..2 {
        let refused = create_with_key(&verifier, &shop, "order-1", &body).await;
        assert_eq!(refused.problem(), "origin_not_registered");
    }
    assert_eq!(verifier.row_counts(), counts);
    let corrected = create_with_key(&verifier, &shop, "order-1", &shop.session_request()).await;
    assert_eq!(corrected.status, 201);
}

#[tokio::test]
async fn an_idempotency_key_gives_the_first_answer_again() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let body = shop.session_request();
    let first = create_with_key(&verifier, &shop, "order-1", &body).await;
    let counts = verifier.row_counts();
    verifier.clock.advance_millis(5_000);
    // The same meaning in other bytes: a default spelt out.
    let mut spelt_out = body.clone();
    spelt_out["signals"] = json!("full");
    for body in [&body, &spelt_out] {
        let again = create_with_key(&verifier, &shop, "order-1", body).await;
        assert_eq!(again.json(), first.json());
    }
    let mut other = body.clone();
    other["amount"] = json!(2000);
    let conflict = create_with_key(&verifier, &shop, "order-1", &other).await;
    assert_eq!(conflict.problem(), "idempotency_conflict");
    assert_eq!(verifier.row_counts(), counts);

    let fresh = create_with_key(&verifier, &shop, "order-2", &body).await;
    assert_ne!(fresh.json()["id"], first.json()["id"]);
    let other_shop = verifier.shop(Mode::Test, ORIGIN).await;
    let theirs = create_with_key(&verifier, &other_shop, "order-1", &body).await;
    assert_ne!(theirs.json()["id"], first.json()["id"]);
    for bad in ["", "a b", &"x".repeat(256)] {
        let answer = create_with_key(&verifier, &shop, bad, &body).await;
        assert_eq!(answer.problem(), "request_invalid");
    }

    // A page that is loaded again later gets the same session with a token that works.
    verifier.clock.advance_millis(15 * 60 * 1000);
    let later = create_with_key(&verifier, &shop, "order-1", &body)
        .await
        .json();
    assert_eq!(later["id"], first.json()["id"]);
    assert_ne!(later["client_token"], first.json()["client_token"]);
    let token = later["client_token"].as_str().unwrap();
    assert_eq!(
        verifier
            .public(get("/v1/session", Some(token)))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_change_needs_the_current_revision() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut checkout = Checkout::open(&verifier, &shop).await;
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let revise = async |body: Value| verifier.call(&shop, "PATCH", &path, Some(body)).await;

    let changed = revise(json!({ "rev": 1, "amount": 2500, "shipping_country": "FR" }))
        .await
        .json();
    assert_eq!(changed["rev"], 2);
    assert_eq!(
        (&changed["amount"], &changed["shipping_country"]),
        (&json!(2500), &json!("FR"))
    );
    assert_eq!(
        revise(json!({ "rev": 1, "amount": 1 })).await.problem(),
        "revision_conflict"
    );
    assert_eq!(
        revise(json!({ "rev": 3, "amount": 1 })).await.problem(),
        "revision_conflict"
    );
    assert_eq!(
        revise(json!({ "rev": 2, "amount": 0 })).await.problem(),
        "request_invalid"
    );
    assert_eq!(
        revise(json!({ "rev": 2, "currency": "EUR" }))
            .await
            .problem(),
        "request_invalid"
    );
    assert_eq!(
        revise(json!({ "amount": 1 })).await.problem(),
        "request_invalid"
    );

    checkout.header.rev = 2;
    assert_eq!(checkout.pay(&verifier, VISA).await.status, 200);
    assert_eq!(
        revise(json!({ "rev": 2, "amount": 1 })).await.problem(),
        "session_completed"
    );
}

#[tokio::test]
async fn a_renewed_token_serves_the_same_session() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let checkout = Checkout::open(&verifier, &shop).await;
    verifier.clock.advance_millis(20 * 60 * 1000);
    let path = format!("/v1/sessions/{}/token", checkout.session_id);
    let renewed = verifier.call(&shop, "POST", &path, None).await;
    assert_eq!(renewed.status, 201);
    let token = renewed.json()["client_token"].as_str().unwrap().to_owned();
    assert_ne!(token, checkout.token);
    let mut again = Checkout::from_token(&verifier, token).await;
    assert_eq!(again.session_id, checkout.session_id);
    assert_eq!(again.pay(&verifier, VISA).await.status, 200);

    verifier.clock.advance_millis(40 * 60 * 1000);
    let late = verifier.call(&shop, "POST", &path, None).await;
    assert_eq!(late.problem(), "session_expired");
}

#[tokio::test]
async fn another_merchants_things_are_not_there() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let stranger = verifier.shop(Mode::Test, ORIGIN).await;
    let mut checkout = Checkout::open(&verifier, &shop).await;
    checkout.pay(&verifier, VISA).await;
    let path = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(&shop, "GET", &path, None).await.json();
    let card_path = format!("/v1/cards/{}", session["card"]["id"].as_str().unwrap());
    for (method, path, body) in [
        ("GET", path.clone(), None),
        (
            "PATCH",
            path.clone(),
            Some(json!({ "rev": 1, "amount": 1 })),
        ),
        ("POST", format!("{path}/token"), None),
        ("GET", card_path, None),
    ] {
        let answer = verifier.call(&stranger, method, &path, body).await;
        assert_eq!(answer.problem(), "not_found", "{method} {path}");
    }
    let cards = verifier
        .call(&stranger, "GET", "/v1/cards", None)
        .await
        .json();
    assert_eq!(cards["data"], json!([]));
}

#[tokio::test]
async fn cards_are_read_page_by_page() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for number in [VISA, waxseal_tests::MASTERCARD, waxseal_tests::AMEX] {
        verifier.clock.advance_millis(10);
        let mut checkout = Checkout::open(&verifier, &shop).await;
        assert_eq!(checkout.pay(&verifier, number).await.status, 200);
    }
    let first = verifier
        .call(&shop, "GET", "/v1/cards?limit=2", None)
        .await
        .json();
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/v1/cards?limit=2&after={cursor}");
    let second = verifier.call(&shop, "GET", &path, None).await.json();
    assert_eq!(second["data"].as_array().unwrap().len(), 1);
    assert!(second.get("next_cursor").is_none());
    for bad in ["limit=0", "limit=101", "limit=x", "page=1"] {
        let answer = verifier
            .call(&shop, "GET", &format!("/v1/cards?{bad}"), None)
            .await;
        assert_eq!(answer.problem(), "request_invalid", "{bad}");
    }
}
