//! The keys that CVCs are encrypted under in Valkey.

use waxseal_tests::{TestVerifier, ValkeyServer};
use waxseal_verifier::{
    clock::Clock,
    keys::{Purpose, change_state, rotate},
    mode::Mode,
    store::{key_state::KeyState, keys},
    upkeep,
};

use super::{AMEX_CVC, Scene, digits};

async fn rotate_cvc_key(verifier: &TestVerifier) {
    let (app, now) = (&verifier.app, verifier.clock.now());
    let kind = (Purpose::Cvc, Mode::Test);
    rotate(&app.store, app.keys.kek(), kind, true, &*app.rng, now)
        .await
        .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
}

#[tokio::test]
async fn what_was_held_under_the_former_key_is_taken_until_that_is_revoked() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    let (first, second) = (scene.submit().await, scene.submit().await);
    rotate_cvc_key(&scene.verifier).await;
    let taken = scene.take(scene.holder(), &first, "pay_1").await;
    assert_eq!(digits(taken.as_ref()), Some(AMEX_CVC));

    let app = &scene.verifier.app;
    let all = app.store.read(keys::list).await.unwrap();
    let former = all.iter().find(|key| {
        key.purpose == "cvc" && key.mode == Mode::Test && key.state == KeyState::Retired
    });
    let (id, now) = (&former.unwrap().id, scene.now());
    let revoked = KeyState::Revoked;
    change_state(&app.store, app.keys.kek(), id, revoked, &*app.rng, now)
        .await
        .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    assert!(scene.take(scene.holder(), &second, "pay_1").await.is_none());
    // Put back, the code is under the new key.
    assert!(scene.put_back(scene.holder(), taken.unwrap()).await);
    let taken = scene.take(scene.holder(), &first, "pay_2").await;
    assert_eq!(digits(taken.as_ref()), Some(AMEX_CVC));
}

#[tokio::test]
async fn a_cvc_key_that_was_used_often_enough_is_replaced() {
    let server = ValkeyServer::start();
    let scene = Scene::in_valkey(&server).await;
    scene.submit().await;
    let app = &scene.verifier.app;
    let before = *app.keys_of(Mode::Test).cvc.active();
    let counted: Vec<_> = app.keys.encryptions().take();
    let of_cvc = counted.iter().find(|(key, _)| *key == before);
    assert_eq!(of_cvc.map(|(_, count)| *count), Some(1));
    for (key, _) in counted {
        app.keys
            .encryptions()
            .put_back(key, app.key_policy.encryptions);
    }
    upkeep::count_encryptions(app).await.unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    assert_ne!(*app.keys_of(Mode::Test).cvc.active(), before);
}
