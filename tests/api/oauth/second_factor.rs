//! Second factors at rest: under the keys, and each in its place.

use std::{sync::Arc, time::Duration};

use waxseal_tests::{PASSWORD, Person};
use waxseal_verifier::{
    clock::Clock,
    keys::{Purpose, RotationError, change_state, rotate},
    mode::Mode,
    store::key_state::KeyState,
    upkeep, vault,
};

use super::{OPERATOR, Scene};

impl Scene {
    async fn signs_in(&self, person: &Person) -> u16 {
        let code = person.code(self.verifier.clock.now());
        self.try_with(&person.name, PASSWORD, &code)
            .await
            .status
            .as_u16()
    }

    async fn inspect(&self) -> (u64, u64) {
        let keyring = Arc::clone(&self.verifier.app.keyring());
        let store = &self.verifier.app.store;
        let found = store.read(move |connection| vault::inspect(connection, &keyring));
        let found = found.await.unwrap();
        (found.second_factors, found.damaged)
    }
}

#[tokio::test]
async fn they_are_moved_to_the_next_key_before_the_former_goes() {
    let scene = Scene::open().await;
    let app = &scene.verifier.app;
    let (kek, rng) = (app.keys.kek(), &*app.rng);
    let former =
        waxseal_verifier::store::crypter::key_id_text(*app.keys_of(Mode::Live).deks.active());
    let now = || scene.verifier.clock.now();
    rotate(
        &app.store,
        kek,
        (Purpose::Dek, Mode::Live),
        false,
        rng,
        now(),
    )
    .await
    .unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    scene.verifier.clock.advance_millis(2 * 60 * 60_000);
    let destroy = || change_state(&app.store, kek, &former, KeyState::Destroyed, rng, now());
    let refused = destroy().await;
    assert!(
        matches!(refused, Err(RotationError::InUse(1))),
        "{refused:?}"
    );
    assert_eq!(upkeep::move_rows(app, Duration::ZERO).await.unwrap(), 1);
    destroy().await.unwrap();
    app.keys.refresh(&app.store).await.unwrap();
    assert_eq!(scene.inspect().await, (1, 0));
    assert_eq!(scene.signs_in(&scene.person).await, 303);
}

#[tokio::test]
async fn one_in_anothers_place_opens_for_nobody() {
    let scene = Scene::open().await;
    let bob = Person::add(&scene.verifier, "bob", None, OPERATOR).await;
    assert_eq!(scene.inspect().await, (2, 0));
    // Bob's authenticator shall do for Ann.
    let planted = format!(
        "UPDATE second_factor SET seed_enc = (SELECT seed_enc FROM second_factor WHERE user_id = '{}')
         WHERE user_id = '{}'",
        bob.id, scene.person.id
    );
    assert_eq!(scene.verifier.database.run(&[&planted]), 1);
    let planted = Person {
        id: scene.person.id.clone(),
        name: "ann".to_owned(),
        factor_uri: bob.factor_uri.clone(),
    };
    for person in [&scene.person, &planted] {
        assert_eq!(scene.signs_in(person).await, 500);
    }
    assert_eq!(scene.inspect().await, (1, 1));
    assert_eq!(scene.signs_in(&bob).await, 303);
}

#[tokio::test]
async fn who_has_none_does_not_sign_in() {
    let scene = Scene::open().await;
    scene.verifier.database.run(&["DELETE FROM second_factor"]);
    assert_eq!(scene.signs_in(&scene.person).await, 422);
    assert_eq!(scene.failures(), ["second_factor"]);
}
