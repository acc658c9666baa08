//! Two verifiers that count together, and what each does alone.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use redis::Commands;
use waxseal_tests::{Shop, TestVerifier, ValkeyServer, get};
use waxseal_verifier::{config::ValkeyUrl, limits::Limit, mode::Mode};

use super::{RATE, assert_refused, ip, until_refused};

const BACK_WITHIN: Duration = Duration::from_secs(10);

async fn two(server: &ValkeyServer, limit: Limit) -> (TestVerifier, TestVerifier) {
    let url = ValkeyUrl::parse(&server.url()).unwrap();
    let first = TestVerifier::start_with(|config| {
        config.limits.rates.set(limit, RATE);
        config.limits.url = Some(url);
        config.limits.verifiers = 2;
    })
    .await;
    let second = first.beside().await;
    (first, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_requests_at_once_over_two_verifiers_21_are_answered() {
    let server = ValkeyServer::start();
    let (first, second) = two(&server, Limit::Page).await;
    for round in 0..5 {
        let answers = join_all((0..100).map(|at| {
            let verifier = if at % 2 == 0 { &first } else { &second };
            let from = ip(&format!("203.0.113.{round}"));
            verifier.public_from(from, get("/.well-known/jwks.json", None))
        }))
        .await;
        let count = |status: u16| {
            answers
                .iter()
                .filter(|answer| answer.status == status)
                .count()
        };
        assert_eq!((count(200), count(429)), (21, 79));
    }
    first.clock.advance_millis(100);
    assert_eq!(
        first
            .public_from(ip("203.0.113.1"), get("/frame/v1", None))
            .await
            .status,
        200
    );
    assert_refused(
        &second
            .public_from(ip("203.0.113.1"), get("/frame/v1", None))
            .await,
    );
}

#[tokio::test]
async fn a_client_has_its_quota_over_both() {
    let server = ValkeyServer::start();
    let (first, second) = two(&server, Limit::Client).await;
    let shop: Shop = first.shop(Mode::Test, "https://shop.example").await;
    for at in 0..21 {
        let verifier = if at % 3 == 0 { &first } else { &second };
        assert_eq!(
            verifier.call(&shop, "GET", "/v1/cards", None).await.status,
            200
        );
    }
    for verifier in [&first, &second] {
        assert_refused(&verifier.call(&shop, "GET", "/v1/cards", None).await);
    }
}

#[tokio::test]
async fn valkey_is_told_no_address_and_no_client() {
    let server = ValkeyServer::start();
    let (first, second) = two(&server, Limit::Client).await;
    let shop = first.shop(Mode::Test, "https://shop.example").await;
    for verifier in [&first, &second] {
        verifier
            .public_from(ip("203.0.113.9"), get("/frame/v1", None))
            .await;
        verifier.call(&shop, "GET", "/v1/cards", None).await;
    }
    let keys: Vec<String> = server.connect().keys("*").unwrap();
    let mut limits: Vec<_> = keys
        .iter()
        .map(|key| {
            let (limit, caller) = key
                .strip_prefix("waxseal:limit:")
                .unwrap()
                .split_once(':')
                .unwrap();
            assert_eq!(caller.len(), 22, "a digest of 16 bytes");
            limit
        })
        .collect();
    limits.sort_unstable();
    // Both verifiers have one digest of a caller; start-up tries the script once.
    assert_eq!(limits, ["client", "health", "page", "private"]);
    let known = ["203.0.113.9", "ywBxCQ", &shop.merchant_id[9..]];
    assert!(
        !keys
            .iter()
            .any(|key| known.iter().any(|known| key.contains(known)))
    );
}

#[tokio::test]
async fn while_valkey_is_away_each_verifier_grants_its_share() {
    let mut server = ValkeyServer::start();
    let (first, second) = two(&server, Limit::Health).await;
    assert_eq!(until_refused(&first, "203.0.113.1").await.0, 21);
    assert_eq!(until_refused(&second, "203.0.113.1").await.0, 0);
    server.kill();
    for verifier in [&first, &second] {
        let (answered, refused) = until_refused(verifier, "203.0.113.2").await;
        assert_eq!(answered, 10);
        assert_refused(&refused);
        first.clock.advance_millis(100);
        assert_eq!(
            until_refused(verifier, "203.0.113.2").await.0,
            0,
            "half the rate"
        );
        first.clock.advance_millis(100);
        assert_eq!(until_refused(verifier, "203.0.113.2").await.0, 1);
    }
    server.restart_with(&[]);
    for (number, verifier) in [&first, &second].into_iter().enumerate() {
        let started = Instant::now();
        let mut caller = 0;
        // A share until the connection is there again, which is without a restart.
        while until_refused(verifier, &format!("198.51.{number}.{caller}"))
            .await
            .0
            != 21
        {
            assert!(started.elapsed() < BACK_WITHIN);
            caller += 1;
            // Real time: the connection is made again by a task of its own, by the process's clock.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert_eq!(until_refused(&first, "203.0.113.3").await.0, 21);
    assert_eq!(until_refused(&second, "203.0.113.3").await.0, 0);
}

#[tokio::test]
async fn a_valkey_that_hangs_keeps_hardly_anybody_waiting() {
    let server = ValkeyServer::start();
    let (first, _second) = two(&server, Limit::Health).await;
    let _: () = redis::cmd("CLIENT")
        .arg(&["PAUSE", "8000", "ALL"])
        .query(&mut server.connect())
        .unwrap();
    let started = Instant::now();
    for caller in 0..100 {
        let from = ip(&format!("203.0.113.{caller}"));
        assert_eq!(
            first.public_from(from, get("/frame/v1", None)).await.status,
            200
        );
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
}
