//! Roots of fingerprints, and cards that have to be found all the time.

use std::time::Duration;

use waxseal_tests::{Checkout, MASTERCARD, VISA};
use waxseal_verifier::{
    clock::Clock,
    keys::{Purpose, RotationError, rotate},
    mode::Mode,
    store::{
        key_state::KeyState,
        keys::{self, KeyRow},
    },
    upkeep,
};

use super::{ORIGIN, scene};

#[tokio::test]
async fn a_new_fingerprint_root_leaves_every_card_findable_all_the_time() {
    let scene = scene().await;
    let first = scene.buy(VISA).await;
    let card = scene.read(&first).await.json()["card"]["id"].clone();
    scene.rotate(Purpose::FingerprintRoot).await.unwrap();
    let twice = scene.rotate(Purpose::FingerprintRoot).await;
    assert!(matches!(twice, Err(RotationError::Waiting)), "{twice:?}");

    // An envelope that is under way while the change goes on, and cards of before and between.
    let [active, pending] = scene
        .keys(Purpose::FingerprintRoot)
        .await
        .try_into()
        .unwrap();
    assert_eq!(
        (active.state, pending.state),
        (KeyState::Active, KeyState::Pending)
    );
    let between = scene.buy(MASTERCARD).await;
    assert_eq!(
        (scene.uses(&active).await, scene.uses(&pending).await),
        (2, 1)
    );
    let refused = scene.set(&pending.id, KeyState::Active).await;
    assert!(refused.is_err(), "not by hand: cards would be lost");

    upkeep::follow_keys(&scene.verifier.app, Duration::ZERO)
        .await
        .unwrap();
    let [former, current] = scene
        .keys(Purpose::FingerprintRoot)
        .await
        .try_into()
        .unwrap();
    assert_eq!(
        (former.state, current.state),
        (KeyState::Retired, KeyState::Active)
    );
    assert_eq!(
        (scene.uses(&former).await, scene.uses(&current).await),
        (0, 2)
    );
    for (number, session) in [(VISA, &first), (MASTERCARD, &between)] {
        let again = scene.buy(number).await;
        let cards = [session, &again].map(|path| scene.read(path));
        let [before, after] = futures_util::future::join_all(cards)
            .await
            .try_into()
            .unwrap();
        assert_eq!(before.json()["card"], after.json()["card"]);
    }
    assert_eq!(scene.read(&first).await.json()["card"]["id"], card);
    let early = scene.set(&former.id, KeyState::Destroyed).await;
    assert!(matches!(early, Err(RotationError::TooSoon)), "{early:?}");
    scene.verifier.clock.advance_millis(60 * 60 * 1000);
    scene.set(&former.id, KeyState::Destroyed).await.unwrap();
    let all = scene
        .verifier
        .call(&scene.shop, "GET", "/v1/cards", None)
        .await
        .json();
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_root_made_while_others_are_worked_on_waits_for_its_own_turn() {
    let scene = scene().await;
    let app = &scene.verifier.app;
    scene.buy(VISA).await;
    let live = scene.verifier.shop(Mode::Live, ORIGIN).await;
    let mut checkout = Checkout::open(&scene.verifier, &live).await;
    assert_eq!(
        checkout
            .pay(&scene.verifier, "4000001234567899")
            .await
            .status,
        200
    );

    scene.rotate(Purpose::FingerprintRoot).await.unwrap();
    // Not refreshed: what works on the cards does not know of it.
    let kind = (Purpose::FingerprintRoot, Mode::Live);
    let now = scene.verifier.clock.now();
    rotate(&app.store, app.keys.kek(), kind, false, &*app.rng, now)
        .await
        .unwrap();
    upkeep::follow_keys(app, Duration::ZERO).await.unwrap();
    let all = app.store.read(keys::list).await.unwrap();
    let state = |mode, version| {
        let is_it = |key: &&KeyRow| {
            key.purpose == "fingerprint_root" && key.mode == mode && key.version == version
        };
        all.iter().find(is_it).unwrap().state
    };
    assert_eq!(state(Mode::Test, 2), KeyState::Active);
    assert_eq!(
        (state(Mode::Live, 1), state(Mode::Live, 2)),
        (KeyState::Active, KeyState::Pending)
    );
    app.keys.refresh(&app.store).await.unwrap();
    upkeep::follow_keys(app, Duration::ZERO).await.unwrap();
    for (shop, number) in [(&scene.shop, VISA), (&live, "4000001234567899")] {
        let mut checkout = Checkout::open(&scene.verifier, shop).await;
        assert_eq!(checkout.pay(&scene.verifier, number).await.status, 200);
        let cards = scene
            .verifier
            .call(shop, "GET", "/v1/cards", None)
            .await
            .json();
        assert_eq!(cards["data"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_card_that_cannot_be_read_keeps_the_former_root_in_use() {
    let scene = scene().await;
    scene.buy(VISA).await;
    scene.buy(MASTERCARD).await;
    let damage = "UPDATE card SET pan_enc = zeroblob(60) WHERE brand = 'mastercard'";
    assert_eq!(scene.verifier.database.run(&[damage]), 1);
    scene.rotate(Purpose::FingerprintRoot).await.unwrap();
    upkeep::follow_keys(&scene.verifier.app, Duration::ZERO)
        .await
        .unwrap();
    let [active, pending] = scene
        .keys(Purpose::FingerprintRoot)
        .await
        .try_into()
        .unwrap();
    assert_eq!(
        (active.state, pending.state),
        (KeyState::Active, KeyState::Pending)
    );
    // Its number is a data error still, and no second card.
    let mut checkout = scene.open().await;
    assert_eq!(
        checkout.pay(&scene.verifier, MASTERCARD).await.problem(),
        "internal"
    );
    scene.buy(VISA).await;
}
