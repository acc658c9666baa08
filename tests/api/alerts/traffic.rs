//! Minutes with other traffic than usual.

use serde_json::json;
use waxseal_tests::{Shop, Staff, TestVerifier};
use waxseal_verifier::mode::Mode;

use super::alerts;

struct Scene {
    verifier: TestVerifier,
    staff: Staff,
    shop: Shop,
}

impl Scene {
    /// With a baseline of ten minutes in which a client asks twice a minute.
    async fn open() -> Self {
        let verifier = TestVerifier::start_with(|config| {
            config.alerts.baseline_min = 10;
            config.alerts.rate_requests = 10;
            config.alerts.error_requests = 10;
            config.alerts.error_min = 1;
        });
        let verifier = verifier.await;
        let scene = Self {
            staff: Staff::hire(&verifier, "alerts:read").await,
            shop: verifier.shop(Mode::Test, "https://shop.example").await,
            verifier,
        };
        for _ in 0..11 {
            scene.minute(2, 0).await;
        }
        scene
    }

    /// A minute with so many requests that succeed and that fail, and what is seen of it three seconds later.
    async fn minute(&self, good: usize, bad: usize) {
        for _ in 0..good {
            let answer = self.verifier.call(&self.shop, "GET", "/v1/cards", None);
            assert_eq!(answer.await.status, 200);
        }
        for _ in 0..bad {
            let answer = self
                .verifier
                .call(&self.shop, "GET", "/v1/cards/none", None);
            assert_eq!(answer.await.status, 404);
        }
        self.verifier.look().await;
        self.verifier.clock.advance_millis(60_000);
        self.verifier.look().await;
    }

    /// Of clients alone: kind of change, or shares.
    async fn told(&self, kind: &str) -> Vec<serde_json::Value> {
        // The last minute is looked at when the next one has settled.
        self.verifier.clock.advance_millis(60_000);
        self.verifier.look().await;
        let raised = alerts(&self.verifier, &self.staff, kind).await;
        let of_clients = raised
            .into_iter()
            .filter(|alert| alert["subject"]["kind"] == "client");
        of_clients.map(|alert| alert["detail"].clone()).collect()
    }
}

#[tokio::test]
async fn five_times_as_many_requests_as_usual_are_told_of_once() {
    let scene = Scene::open().await;
    scene.minute(9, 0).await;
    assert_eq!(
        scene.told("traffic_rate").await,
        Vec::<serde_json::Value>::new()
    );
    let scene = Scene::open().await;
    scene.minute(10, 0).await;
    let expected = json!({ "requests": 10, "usual_requests": 2 });
    assert_eq!(
        scene.told("traffic_rate").await,
        std::slice::from_ref(&expected)
    );
    let beside = scene.verifier.beside().await;
    beside.look().await;
    assert_eq!(scene.told("traffic_rate").await, [expected]);
}

#[tokio::test]
async fn a_share_of_refused_requests_is_told_of() {
    let scene = Scene::open().await;
    scene.minute(9, 1).await;
    assert_eq!(
        scene.told("error_share").await,
        Vec::<serde_json::Value>::new()
    );
    let scene = Scene::open().await;
    scene.minute(8, 2).await;
    let told = scene.told("error_share").await;
    let expected = json!({ "requests": 10, "errors_permille": 200, "usual_errors_permille": 0 });
    assert_eq!(told, [expected]);
}

#[tokio::test]
async fn a_caller_that_is_new_has_nothing_that_is_usual() {
    let scene = Scene::open().await;
    let other = scene
        .verifier
        .shop(Mode::Test, "https://other.example")
        .await;
    for _ in 0..50 {
        scene.verifier.call(&other, "GET", "/v1/cards", None).await;
    }
    assert_eq!(
        scene.told("traffic_rate").await,
        Vec::<serde_json::Value>::new()
    );
}
