//! By address, before anything else is looked at.

use axum::{body::Body, http::Request};
use waxseal_tests::{Answer, Checkout, TestVerifier, VISA, get};
use waxseal_verifier::{limits::Limit, mode::Mode};

use super::{assert_refused, header, ip, post_card, until_refused, with};

#[tokio::test]
async fn of_cards_in_one_instant_21_are_looked_at_and_then_one_each_100_ms() {
    let verifier = with(Limit::Card).await;
    let send = || verifier.public(post_card());
    for left in (0..21).rev() {
        let answer = send().await;
        assert_eq!(answer.problem(), "client_token_invalid");
        let wanted = format!("\"card\";r={left};t={}", (21_u32 - left).div_ceil(10));
        assert_eq!(header(&answer, "ratelimit"), Some(&*wanted));
        assert_eq!(
            header(&answer, "ratelimit-policy"),
            Some("\"card\";q=21;w=3")
        );
    }
    let before = verifier.row_counts();
    let refused = send().await;
    assert_refused(&refused);
    assert_eq!(header(&refused, "ratelimit"), Some("\"card\";r=0;t=1"));
    assert_eq!(
        header(&refused, "ratelimit-policy"),
        Some("\"card\";q=21;w=3")
    );
    verifier.clock.advance_millis(99);
    assert_refused(&send().await);
    assert_eq!(verifier.row_counts(), before, "nobody looked at it");
    for _ in 0..3 {
        verifier.clock.advance_millis(100);
        assert_eq!(send().await.status, 401);
        assert_refused(&send().await);
    }
    verifier.clock.advance_millis(2100);
    let mut answered = 0;
    while send().await.status == 401 {
        answered += 1;
    }
    assert_eq!(answered, 21);
}

#[tokio::test]
async fn a_customer_pays_while_another_address_is_refused() {
    let verifier = with(Limit::Card).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for _ in 0..22 {
        verifier.public_from(ip("203.0.113.9"), post_card()).await;
    }
    let mut checkout = Checkout::open(&verifier, &shop).await;
    let envelope = checkout.fresh(VISA);
    let from = |from| verifier.public_from(ip(from), checkout.request(&envelope));
    assert_refused(&from("203.0.113.9").await);
    assert_eq!(from("203.0.113.8").await.status, 200);
}

#[tokio::test]
async fn an_ipv6_network_of_64_bits_is_one_address() {
    let verifier = with(Limit::Health).await;
    assert_eq!(until_refused(&verifier, "2001:db8:1:2::1").await.0, 21);
    assert_eq!(until_refused(&verifier, "2001:db8:1:2:ffff::9").await.0, 0);
    assert_eq!(until_refused(&verifier, "2001:db8:1:3::1").await.0, 21);
    assert_eq!(until_refused(&verifier, "203.0.113.9").await.0, 21);
    assert_eq!(until_refused(&verifier, "::ffff:203.0.113.9").await.0, 0);
}

#[tokio::test]
async fn behind_a_proxy_the_customers_address_counts() {
    let verifier = TestVerifier::start_with(|config| {
        super::limiting(Limit::Card)(config);
        config.listen.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let send = async |from: &str, named: &str| {
        let mut request = post_card();
        let named = named.parse().unwrap();
        request.headers_mut().insert("x-forwarded-for", named);
        verifier.public_from(ip(from), request).await
    };
    for customer in ["203.0.113.9", "203.0.113.8"] {
        for _ in 0..21 {
            assert_eq!(send("10.0.0.1", customer).await.status, 401);
        }
        assert_refused(&send("10.0.0.1", customer).await);
        assert_refused(&send("10.0.0.2", customer).await);
    }
    // Whoever is no proxy names whom they like, and is themselves.
    for number in 0..21 {
        let named = format!("203.0.113.{}", 100 + number);
        assert_eq!(send("198.51.100.1", &named).await.status, 401);
    }
    assert_refused(&send("198.51.100.1", "203.0.113.1").await);
}

#[tokio::test]
async fn every_public_path_is_counted_and_says_how_much_is_left_where_that_is_of_use() {
    for (limit, paths, is_told) in [
        (Limit::Session, &["/v1/session"][..], true),
        (Limit::Health, &["/healthz", "/readyz"], false),
        (
            Limit::Page,
            &[
                "/.well-known/jwks.json",
                "/frame/v1",
                "/frame/assets/frame.0123456789abcdef.js",
                "/sdk/v0.1.0/waxseal.js",
                "/nothing",
                "/frame/v1/nothing",
            ],
            false,
        ),
    ] {
        let verifier = with(limit).await;
        let count = |answer: &Answer| {
            assert_ne!(answer.status, 429);
            assert_eq!(header(answer, "ratelimit").is_some(), is_told);
            assert_eq!(header(answer, "ratelimit-policy").is_some(), is_told);
        };
        for path in paths.iter().cycle().take(21) {
            count(&verifier.public(get(path, None)).await);
        }
        for path in paths {
            let refused = verifier.public(get(path, None)).await;
            assert_refused(&refused);
            let wanted = format!("\"{}\";r=0;t=1", limit.name());
            assert_eq!(header(&refused, "ratelimit"), Some(&*wanted));
        }
        let other_method = Request::put(paths[0]).body(Body::empty()).unwrap();
        assert_refused(&verifier.public(other_method).await);
    }
}

#[tokio::test]
async fn the_console_is_counted_as_pages_are_and_the_private_listener_apart() {
    let verifier = with(Limit::Page).await;
    let paths = ["/oauth/style.css", "/oauth/jwks.json", "/nothing"];
    for path in paths.iter().cycle().take(21) {
        assert_ne!(verifier.console(get(path, None)).await.status, 429);
    }
    let refused = verifier.console(get("/v1/keys", None)).await;
    assert_refused(&refused);
    assert_eq!(header(&refused, "ratelimit"), Some("\"page\";r=0;t=1"));
    let private = verifier.private(get("/v1/keys", None)).await;
    assert_eq!(private.status, 401);
}

#[tokio::test]
async fn tokens_are_asked_for_21_times_in_one_instant_on_either_listener() {
    let verifier = with(Limit::Token).await;
    let ask = |path: &str| {
        let request = Request::post(path).header("content-type", "application/json");
        request.body(Body::empty()).unwrap()
    };
    let paths = ["/oauth/token", "/oauth/revoke"];
    for path in paths.iter().cycle().take(20) {
        assert_eq!(verifier.console(ask(path)).await.status, 415);
    }
    assert_eq!(verifier.private(ask(paths[0])).await.status, 415);
    for path in paths {
        assert_refused(&verifier.console(ask(path)).await);
        assert_refused(&verifier.private(ask(path)).await);
    }
    let elsewhere = verifier.private_from(ip("198.51.100.1"), ask(paths[0]));
    assert_eq!(elsewhere.await.status, 415);
}

#[tokio::test]
async fn every_route_that_a_limit_names_is_there() {
    let verifier = TestVerifier::start().await;
    for limit in Limit::ALL {
        for path in limit.routes() {
            let mut statuses = Vec::new();
            for method in ["GET", "POST"] {
                let request = Request::builder().method(method).uri(*path);
                let request = request.body(Body::empty()).unwrap();
                let answer = match limit {
                    Limit::SignIn | Limit::Token => verifier.console(request).await,
                    _ => verifier.public(request).await,
                };
                statuses.push(answer.status.as_u16());
            }
            assert!(
                !statuses.contains(&404) && statuses != [405, 405],
                "{path}: {statuses:?}"
            );
        }
    }
}
