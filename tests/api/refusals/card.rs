//! Cards that cannot be taken.

use serde_json::json;
use waxseal_protocol::card::Brand;
use waxseal_tests::{AMEX, Checkout, MASTERCARD, TestVerifier, VISA, card, sealed};
use waxseal_verifier::mode::Mode;

use super::{OPENED, ORIGIN, Scene, scene, scene_of};

#[tokio::test]
async fn a_card_that_cannot_be_right_is_refused() {
    let mut scene = scene().await;
    let long_ago = {
        let mut card = card(VISA);
        card.exp_month = 10;
        card.exp_year = 2026;
        card
    };
    let month_13 = {
        let mut card = card(VISA);
        card.exp_month = 13;
        card
    };
    let far = {
        let mut card = card(VISA);
        card.exp_year = 2099;
        card
    };
    let short_cvc = {
        let mut card = card(AMEX);
        card.cvc = Some("123".to_owned().into());
        card
    };
    for (card, code) in [
        (card("4242424242424241"), "card_number_invalid"),
        (card("424242424242"), "card_number_incomplete"),
        (card("9999999999999995"), "card_brand_unknown"),
        (long_ago, "card_expired"),
        (month_13, "expiry_invalid"),
        (far, "expiry_invalid"),
        (short_cvc, "cvc_invalid"),
    ] {
        scene.checkout.fresh(VISA);
        let envelope = scene.checkout.seal(&sealed(card));
        scene
            .refused(scene.checkout.request(&envelope), code, OPENED)
            .await;
    }
}

#[tokio::test]
async fn a_brand_that_the_merchant_does_not_take_is_refused() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut request = shop.session_request();
    request["accepted_brands"] = json!([Brand::Visa, Brand::Mastercard]);
    let checkout = Checkout::open_with(&verifier, &shop, request).await;
    let mut scene = Scene {
        verifier,
        shop,
        checkout,
    };
    let envelope = scene.checkout.fresh(AMEX);
    scene
        .refused(
            scene.checkout.request(&envelope),
            "card_brand_not_accepted",
            OPENED,
        )
        .await;
    assert_eq!(
        scene.checkout.pay(&scene.verifier, MASTERCARD).await.status,
        200
    );
}

#[tokio::test]
async fn a_test_card_in_live_mode_is_refused() {
    let mut scene = scene_of(TestVerifier::start().await, Mode::Live).await;
    assert!(scene.checkout.session_id.starts_with("cs_live_"));
    let envelope = scene.checkout.fresh(VISA);
    scene
        .refused(
            scene.checkout.request(&envelope),
            "test_card_in_live_mode",
            OPENED,
        )
        .await;
    let real = scene
        .checkout
        .pay(&scene.verifier, "4000001234567899")
        .await;
    assert_eq!(real.status, 200);
}
