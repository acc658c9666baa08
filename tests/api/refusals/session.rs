//! Sessions that take no card, or no other one.

use futures_util::future::join_all;
use serde_json::json;
use waxseal_tests::{MASTERCARD, TestVerifier, VISA};
use waxseal_verifier::mode::Mode;

use super::{LOGGED, OPENED, scene, scene_of};

#[tokio::test]
async fn a_stale_revision_is_refused_and_the_new_one_taken() {
    let mut scene = scene().await;
    let stale = scene.checkout.fresh(VISA);
    let path = format!("/v1/sessions/{}", scene.checkout.session_id);
    let body = json!({ "rev": 1, "amount": 2999 });
    let revised = scene
        .verifier
        .call(&scene.shop, "PATCH", &path, Some(body))
        .await;
    assert_eq!(revised.json()["rev"], 2);
    scene
        .refused(scene.checkout.request(&stale), "session_changed", OPENED)
        .await;
    scene.checkout.header.rev = 2;
    assert_eq!(scene.checkout.pay(&scene.verifier, VISA).await.status, 200);
}

#[tokio::test]
async fn the_eleventh_attempt_is_refused_whatever_it_is() {
    let mut scene = scene().await;
    for _ in 0..10 {
        assert_eq!(
            scene.checkout.submit(&scene.verifier, "x").await.problem(),
            "envelope_invalid"
        );
    }
    scene
        .refused(scene.checkout.request("x"), "attempts_exhausted", LOGGED)
        .await;
    let good = scene.checkout.fresh(VISA);
    scene
        .refused(scene.checkout.request(&good), "attempts_exhausted", LOGGED)
        .await;
}

#[tokio::test]
async fn attempts_that_arrive_together_are_counted_each() {
    let scene = scene().await;
    let all = (0..30).map(|_| scene.checkout.submit(&scene.verifier, "x"));
    let mut codes = std::collections::BTreeMap::new();
    for answer in join_all(all).await {
        *codes.entry(answer.problem()).or_insert(0) += 1;
    }
    assert_eq!(codes["envelope_invalid"], 10);
    assert_eq!(codes["attempts_exhausted"], 20);
}

#[tokio::test]
async fn a_session_that_is_over_takes_nothing() {
    let verifier = TestVerifier::start_with(|config| config.limits.session_ttl_s = 60).await;
    let mut scene = scene_of(verifier, Mode::Test).await;
    scene.verifier.clock.advance_millis(60_000);
    let envelope = scene.checkout.fresh(VISA);
    scene
        .refused(scene.checkout.request(&envelope), "session_expired", LOGGED)
        .await;
}

#[tokio::test]
async fn another_card_after_a_success_is_refused() {
    let mut scene = scene().await;
    let first = scene.checkout.pay(&scene.verifier, VISA).await;
    let envelope = scene.checkout.fresh(MASTERCARD);
    scene
        .refused(
            scene.checkout.request(&envelope),
            "session_completed",
            OPENED,
        )
        .await;
    // The first card's answer stands.
    assert_eq!(
        scene.checkout.pay(&scene.verifier, VISA).await.json(),
        first.json()
    );
}

#[tokio::test]
async fn the_card_of_the_last_attempt_is_answered_again() {
    let mut scene = scene().await;
    for _ in 0..9 {
        scene.checkout.submit(&scene.verifier, "x").await;
    }
    let first = scene.checkout.pay(&scene.verifier, VISA).await;
    assert_eq!(first.status, 200);
    let counts = scene.verifier.row_counts();
    for _ in 0..3 {
        let again = scene.checkout.pay(&scene.verifier, VISA).await;
        assert_eq!(again.json(), first.json());
    }
    assert_eq!(scene.verifier.row_counts(), counts);
    let other = scene.checkout.fresh(MASTERCARD);
    scene
        .refused(scene.checkout.request(&other), "attempts_exhausted", LOGGED)
        .await;
}

#[tokio::test]
async fn different_cards_that_arrive_together_are_one_success() {
    let mut scene = scene().await;
    let numbers = [
        "4242424242424242",
        "5555555555554444",
        "4111111111111111",
        "4000056655665556",
    ];
    let envelopes = numbers.map(|number| scene.checkout.fresh(number));
    let all = envelopes
        .iter()
        .map(|envelope| scene.checkout.submit(&scene.verifier, envelope));
    let answers = join_all(all).await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(taken, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.problem(), "session_completed");
    }
}
