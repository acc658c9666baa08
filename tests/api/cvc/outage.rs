//! A Valkey that comes and goes.

use std::time::{Duration, Instant};

use waxseal_tests::ValkeyServer;

use super::{AMEX_CVC, Scene, digits};

const BACK_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn without_valkey_cards_are_taken_and_codes_are_not_and_then_they_are_again() {
    let mut server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let before = scene.submit().await;
    server.kill();
    let during = scene.submit().await;
    for submission in [&before, &during] {
        assert!(
            scene
                .take(scene.holder(), submission, "pay_1")
                .await
                .is_none()
        );
    }
    server.restart_with(&[]);
    // What it held went with it.
    assert!(scene.take(scene.holder(), &before, "pay_1").await.is_none());
    assert_eq!(
        submit_until_held(&scene).await.as_deref(),
        Some(AMEX_CVC),
        "without a restart"
    );
}

#[tokio::test]
async fn a_valkey_that_comes_back_with_persistence_gets_no_code() {
    let mut server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    server.kill();
    scene.submit().await;
    server.restart_with(&["--appendonly", "yes"]);
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(3) {
        let submission = scene.submit().await;
        let taken = scene.take(scene.holder(), &submission, "pay_1").await;
        assert!(taken.is_none());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let keys: usize = redis::cmd("DBSIZE").query(&mut server.connect()).unwrap();
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn a_valkey_that_hangs_costs_one_customer_half_a_second_and_no_card() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let mut connection = server.connect();
    let _: () = redis::cmd("CLIENT")
        .arg(&["PAUSE", "8000", "ALL"])
        .query(&mut connection)
        .unwrap();
    let started = Instant::now();
    for _ in 0..5 {
        scene.submit().await;
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
}

/// The code that is taken first.
async fn submit_until_held(scene: &Scene) -> Option<String> {
    let started = Instant::now();
    while started.elapsed() < BACK_WITHIN {
        let submission = scene.submit().await;
        let taken = scene.take(scene.holder(), &submission, "pay_1").await;
        if let Some(digits) = digits(taken.as_ref()) {
            return Some(digits.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}
