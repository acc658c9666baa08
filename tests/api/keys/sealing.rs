//! Sealing keys, and checkouts that are open while they change.

use waxseal_tests::VISA;
use waxseal_verifier::{clock::Clock, keys::Purpose, store::key_state::KeyState};

use super::{DAY_S, scene};

#[tokio::test]
async fn sealing_keys_follow_each_other_and_nobody_notices() {
    let scene = scene().await;
    let mut before = scene.open().await;
    let first = before.key.kid.clone();

    scene.keep_up(29 * DAY_S - 60).await;
    assert_eq!(scene.keys(Purpose::Sealing).await.len(), 1);
    scene.keep_up(60).await;
    let published = scene.published().await;
    let pending: Vec<_> = published
        .iter()
        .filter(|(_, state)| state == "pending")
        .collect();
    assert_eq!(
        pending.len(),
        2,
        "one of each mode, before it is used: {published:?}"
    );
    assert_eq!(scene.open().await.key.kid, first);

    // A page that was opened just before the change.
    let mut open = scene.open().await;
    scene.keep_up(DAY_S).await;
    let next = scene.open().await.key.kid;
    assert!(next != first && pending.iter().any(|(kid, _)| *kid == next));
    open.header.iat = scene.verifier.clock.now().seconds();
    let renew = format!("/v1/sessions/{}/token", open.session_id);
    assert_eq!(
        scene
            .verifier
            .call(&scene.shop, "POST", &renew, None)
            .await
            .problem(),
        "session_expired"
    );
    before.header.iat = scene.verifier.clock.now().seconds();

    scene.keep_up(2 * DAY_S).await;
    let keys = scene.keys(Purpose::Sealing).await;
    assert_eq!(
        keys.iter().map(|key| key.state).collect::<Vec<_>>(),
        [KeyState::Destroyed, KeyState::Active]
    );
    assert!(keys[0].wrapped.is_empty());
    assert!(!scene.published().await.iter().any(|(kid, _)| *kid == first));
    scene.buy(VISA).await;
}

#[tokio::test]
async fn an_open_checkout_survives_a_rotation_and_a_revoked_key_does_not() {
    let scene = scene().await;
    let mut open = scene.open().await;
    let mut other = scene.open().await;
    scene.rotate(Purpose::Sealing).await.unwrap();
    assert_eq!(open.pay(&scene.verifier, VISA).await.status, 200);
    let [retired, active] = scene.keys(Purpose::Sealing).await.try_into().unwrap();
    scene.set(&retired.id, KeyState::Revoked).await.unwrap();
    assert_eq!(
        other.pay(&scene.verifier, VISA).await.problem(),
        "key_revoked"
    );
    assert_eq!(scene.published().await.len(), 2, "one of each mode");

    // Without a successor one is made in the next round.
    scene.set(&active.id, KeyState::Revoked).await.unwrap();
    scene.keep_up(0).await;
    scene.buy(VISA).await;
}

#[tokio::test]
async fn there_is_no_moment_without_a_sealing_key() {
    for next in [KeyState::Retired, KeyState::Revoked] {
        let scene = scene().await;
        let [active] = scene.keys(Purpose::Sealing).await.try_into().unwrap();
        scene.set(&active.id, next).await.unwrap();
        scene.buy(VISA).await;
        let states = scene
            .keys(Purpose::Sealing)
            .await
            .into_iter()
            .map(|key| key.state);
        let mut states: Vec<_> = states.collect();
        states.sort_by_key(|state| *state == KeyState::Active);
        assert_eq!(states, [next, KeyState::Active]);
    }
}
