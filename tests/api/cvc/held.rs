//! Which submissions leave a CVC, and for how long.

use waxseal_tests::{AMEX, Checkout, TestVerifier, card, sealed};
use waxseal_verifier::{upkeep, vault::cvc::HoldOutcome};

use super::{AMEX_CVC, Scene, digits};

#[tokio::test]
async fn an_accepted_submissions_cvc_waits_for_one_attempt() {
    let scene = Scene::in_memory().await;
    let submission = scene.submit().await;
    let taken = scene.take(scene.holder(), &submission, "pay_1").await;
    assert_eq!(digits(taken.as_ref()), Some(AMEX_CVC));
    assert!(
        scene
            .take(scene.holder(), &submission, "pay_2")
            .await
            .is_none()
    );
    // After a technical failure of its own the same attempt or another may try again.
    assert!(scene.put_back(scene.holder(), taken.unwrap()).await);
    let taken = scene.take(scene.holder(), &submission, "pay_2").await;
    assert_eq!(digits(taken.as_ref()), Some(AMEX_CVC));
    scene.holder().consume(scene.now(), &submission).await;
    assert!(!scene.put_back(scene.holder(), taken.unwrap()).await);
    assert!(
        scene
            .take(scene.holder(), &submission, "pay_2")
            .await
            .is_none()
    );
}

#[tokio::test]
async fn a_submission_that_is_rejected_leaves_no_cvc() {
    let verifier = TestVerifier::start_with(|config| {
        config.risk.block_cidrs = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let scene = Scene::of(verifier.await).await;
    let submission = scene.submit().await;
    assert!(
        scene
            .take(scene.holder(), &submission, "pay_1")
            .await
            .is_none()
    );
}

#[tokio::test]
async fn a_card_without_a_cvc_and_a_repeated_one_leave_no_further_cvc() {
    let scene = Scene::in_memory().await;
    let mut checkout = Checkout::open(&scene.verifier, &scene.shop).await;
    let mut without = card(AMEX);
    without.cvc = None;
    let envelope = checkout.seal(&sealed(without));
    assert_eq!(
        checkout.submit(&scene.verifier, &envelope).await.status,
        200
    );
    let submission = scene.submission_of(&checkout).await;
    assert_eq!(checkout.pay(&scene.verifier, AMEX).await.status, 200);
    assert_eq!(scene.submission_of(&checkout).await, submission);
    assert!(
        scene
            .take(scene.holder(), &submission, "pay_1")
            .await
            .is_none()
    );
}

#[tokio::test]
async fn fifteen_minutes_after_the_submission_its_cvc_is_gone() {
    let scene = Scene::in_memory().await;
    let (early, late) = (scene.submit().await, scene.submit().await);
    scene.verifier.clock.advance_millis(15 * 60 * 1000 - 1);
    assert!(scene.take(scene.holder(), &early, "pay_1").await.is_some());
    scene.verifier.clock.advance_millis(1);
    assert!(scene.take(scene.holder(), &late, "pay_1").await.is_none());
}

#[tokio::test]
async fn upkeep_makes_room_though_nobody_asks_for_what_has_expired() {
    let verifier = TestVerifier::start_with(|config| config.cvc.entries = 1).await;
    let scene = Scene::of(verifier).await;
    scene.submit().await;
    let hold = async |id: &str| scene.hold(scene.holder(), id, "1111").await;
    assert_eq!(hold("sub_test_1").await, HoldOutcome::Full);
    scene.verifier.clock.advance_millis(15 * 60 * 1000);
    let upkeep = tokio::spawn(upkeep::run(std::sync::Arc::clone(&scene.verifier.app)));
    while hold("sub_test_1").await == HoldOutcome::Full {
        tokio::task::yield_now().await;
    }
    upkeep.abort();
}
