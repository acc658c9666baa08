//! By caller and endpoint, once it is known who calls.

use axum::{
    body::Body,
    http::{Request, header::AUTHORIZATION},
};
use serde_json::json;
use waxseal_tests::{Answer, Shop, Staff, TestVerifier};
use waxseal_verifier::{limits::Limit, mode::Mode};

use super::{assert_refused, header, ip, with};

const ORIGIN: &str = "https://shop.example";

#[tokio::test]
async fn of_a_clients_requests_in_one_instant_21_are_answered_and_then_one_each_100_ms() {
    let verifier = with(Limit::Client).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let other = verifier.shop(Mode::Test, ORIGIN).await;
    let create = async |number: u32| {
        let mut request = shop.session_request();
        request["order_id"] = json!(format!("order-{number}"));
        verifier
            .call(&shop, "POST", "/v1/sessions", Some(request))
            .await
    };
    let mut id = String::new();
    for number in 0..21 {
        let answer = create(number).await;
        assert_eq!(answer.status, 201);
        let wanted = format!(
            "\"client\";r={};t={}",
            20 - number,
            (number + 1).div_ceil(10)
        );
        assert_eq!(header(&answer, "ratelimit"), Some(&*wanted));
        assert_eq!(
            header(&answer, "ratelimit-policy"),
            Some("\"client\";q=21;w=3")
        );
        id = answer.json()["id"].as_str().unwrap().to_owned();
    }
    let before = verifier.row_counts();
    assert_refused(&create(21).await);
    verifier.clock.advance_millis(99);
    assert_refused(&create(21).await);
    assert_eq!(verifier.row_counts(), before);
    verifier.clock.advance_millis(1);
    assert_eq!(create(21).await.status, 201);
    assert_refused(&create(22).await);

    let path = format!("/v1/sessions/{id}");
    let elsewhere = verifier.call(&shop, "GET", &path, None).await;
    assert_eq!(elsewhere.status, 200, "another endpoint");
    let body = Some(other.session_request());
    let other = verifier.call(&other, "POST", "/v1/sessions", body).await;
    assert_eq!(other.status, 201, "another client");
}

#[tokio::test]
async fn an_endpoint_is_one_whatever_its_path_names() {
    let verifier = with(Limit::Client).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for number in 0..21 {
        let path = format!("/v1/cards/card_test_{number}");
        assert_eq!(verifier.call(&shop, "GET", &path, None).await.status, 404);
    }
    assert_refused(
        &verifier
            .call(&shop, "GET", "/v1/cards/card_test_x", None)
            .await,
    );
    // With another method it is another.
    let erase = verifier
        .call(&shop, "DELETE", "/v1/cards/card_test_x", None)
        .await;
    assert_eq!(erase.status, 404);
}

#[tokio::test]
async fn wrong_secrets_use_up_nothing_of_the_clients() {
    let verifier = with(Limit::Client).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for _ in 0..30 {
        let wrong = format!("{}x", shop.authorization());
        assert_eq!(list(&verifier, &wrong).await.problem(), "unauthenticated");
    }
    assert_eq!(list(&verifier, shop.authorization()).await.status, 200);
}

#[tokio::test]
async fn of_a_servers_requests_for_tokens_21_are_answered_wherever_they_come_from() {
    let verifier = with(Limit::Client).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let ask = async |number: u8, authorization: &str| {
        let request = Request::post("/oauth/token")
            .header(AUTHORIZATION, authorization)
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from("grant_type=client_credentials"));
        let from = [198, 51, 100, number].into();
        verifier.private_from(from, request.unwrap()).await
    };
    let wrong = format!("{}x", shop.authorization());
    for number in 0..21 {
        assert_eq!(ask(number, &wrong).await.status, 401);
        assert_eq!(ask(number, shop.authorization()).await.status, 200);
    }
    assert_refused(&ask(21, shop.authorization()).await);
    assert_eq!(list(&verifier, shop.authorization()).await.status, 200);
}

#[tokio::test]
async fn an_operator_has_a_limit_of_its_own() {
    let verifier = with(Limit::Operator).await;
    let staff = Staff::hire(&verifier, "keys:read").await;
    for _ in 0..21 {
        let answer = staff.call(&verifier, "GET", "/v1/keys", None).await;
        assert_eq!(answer.status, 200);
        assert!(
            header(&answer, "ratelimit")
                .unwrap()
                .starts_with("\"operator\";r=")
        );
    }
    assert_refused(&staff.call(&verifier, "GET", "/v1/keys", None).await);
}

#[tokio::test]
async fn who_knocks_at_the_private_listener_is_counted_before_it_is_known_who_that_is() {
    let verifier = with(Limit::Private).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for _ in 0..21 {
        assert_eq!(list(&verifier, "Basic nobody").await.status, 401);
    }
    let before = verifier.row_counts();
    for authorization in ["Basic nobody", shop.authorization()] {
        let refused = list(&verifier, authorization).await;
        assert_refused(&refused);
        assert_eq!(header(&refused, "ratelimit"), Some("\"private\";r=0;t=1"));
    }
    assert_eq!(verifier.row_counts(), before);
    let elsewhere = Request::get("/v1/cards").header(AUTHORIZATION, shop.authorization());
    let elsewhere = elsewhere.body(Body::empty()).unwrap();
    let answer = verifier.private_from(ip("198.51.100.1"), elsewhere).await;
    assert_eq!(answer.status, 200);
}

async fn list(verifier: &TestVerifier, authorization: &str) -> Answer {
    let request = Request::get("/v1/cards").header(AUTHORIZATION, authorization);
    verifier.private(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn sessions_for_one_shopper_are_limited_by_merchant_and_network() {
    let verifier = with(Limit::Shopper).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let other = verifier.shop(Mode::Test, "https://shop.example").await;
    let create = async |shop: &Shop, ip: Option<&str>| {
        let mut request = shop.session_request();
        if let Some(ip) = ip {
            request["shopper_ip"] = json!(ip);
        }
        verifier
            .call(shop, "POST", "/v1/sessions", Some(request))
            .await
    };
    for at in 0..21 {
        let ip = format!("2001:db8:1:2::{at:x}");
        assert_eq!(create(&shop, Some(&ip)).await.status, 201, "{at}");
    }
    let before = verifier.row_counts();
    let refused = create(&shop, Some("2001:db8:1:2::ffff")).await;
    assert_refused(&refused);
    let told = header(&refused, "ratelimit").unwrap();
    assert!(told.ends_with("\"shopper\";r=0;t=1"), "{told}");
    assert_eq!(verifier.row_counts(), before, "no session was made");
    for (shop, ip) in [
        (&shop, None),
        (&shop, Some("2001:db8:1:3::1")),
        (&shop, Some("198.51.100.1")),
        (&other, Some("2001:db8:1:2::1")),
    ] {
        assert_eq!(create(shop, ip).await.status, 201, "{ip:?}");
    }
    verifier.clock.advance_millis(100);
    assert_eq!(create(&shop, Some("2001:db8:1:2::1")).await.status, 201);
    assert_refused(&create(&shop, Some("2001:db8:1:2::1")).await);
}
