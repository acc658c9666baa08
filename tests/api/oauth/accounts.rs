//! What is done to somebody's account ends what they have begun.

use waxseal_tests::{PASSWORD, Person};
use waxseal_verifier::{
    clock::Clock,
    identity::people::{change_password, change_second_factor, lock, unlock},
    store::users::{self, User},
};

use super::{Scene, error, text};

const NEXT: &str = "another horse, another staple";

impl Scene {
    async fn user(&self) -> User {
        let id = self.person.id.clone();
        let store = &self.verifier.app.store;
        let found = store.read(move |connection| users::find(connection, &id));
        found.await.unwrap().unwrap()
    }

    async fn sign_in_with(&self, password: &str, person: &Person) -> u16 {
        // Each code is taken once.
        self.verifier.clock.advance_millis(30_000);
        let code = person.code(self.verifier.clock.now());
        let answer = self.try_with("ann", password, &code).await;
        answer.status.as_u16()
    }

    /// What was begun before: an access token, a refresh token, and a browser that is signed in.
    async fn goes_on(&mut self, tokens: &serde_json::Value) -> [bool; 3] {
        let path = waxseal_tests::Consent::of(&self.program, "keys:read").path();
        let page = self.browser.get(&self.verifier, &path).await;
        let listed = self.list_keys(text(tokens, "access_token")).await;
        let refreshed = self.refresh(text(tokens, "refresh_token")).await;
        if refreshed.status != 200 {
            assert_eq!(error(&refreshed), "invalid_grant");
        }
        [
            listed.status == 200,
            refreshed.status == 200,
            page.text.contains("Allow Console?"),
        ]
    }

    fn done(&self, action: &str) -> u64 {
        self.verifier.database.number(&format!(
            "SELECT count(*) FROM audit WHERE action = '{action}' AND operator_id = '{}'",
            self.person.id
        ))
    }
}

#[tokio::test]
async fn who_is_signed_in_and_left_alone_goes_on() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    assert_eq!(scene.goes_on(&tokens).await, [true; 3]);
}

#[tokio::test]
async fn whoever_is_locked_out_can_do_nothing_more_until_they_are_let_in_again() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let (app, user) = (scene.verifier.app.clone(), scene.user().await);
    let now = scene.verifier.clock.now();
    lock(&app.store, &user, now).await.unwrap();
    assert_eq!(scene.goes_on(&tokens).await, [false; 3]);
    assert_eq!(scene.sign_in_with(PASSWORD, &scene.person).await, 422);
    unlock(&app.store, &user, now).await.unwrap();
    // What was begun before stays ended.
    assert_eq!(scene.goes_on(&tokens).await, [false; 3]);
    assert_eq!(scene.sign_in_with(PASSWORD, &scene.person).await, 303);
    let done = ["user.locked", "user.unlocked"].map(|action| scene.done(action));
    assert_eq!(done, [1, 1]);
}

#[tokio::test]
async fn whoever_failed_too_often_is_let_in_again_at_once() {
    let scene = Scene::open().await;
    for _ in 0..5 {
        scene.try_with("ann", "wrong horse", "000000").await;
    }
    let code = scene.person.code(scene.verifier.clock.now());
    assert_eq!(scene.try_with("ann", PASSWORD, &code).await.status, 422);
    let (store, user) = (&scene.verifier.app.store, scene.user().await);
    let now = scene.verifier.clock.now();
    unlock(store, &user, now).await.unwrap();
    assert_eq!(scene.try_with("ann", PASSWORD, &code).await.status, 303);
}

#[tokio::test]
async fn another_password_ends_what_the_former_one_began() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let (app, user) = (scene.verifier.app.clone(), scene.user().await);
    let now = scene.verifier.clock.now();
    let change =
        async |password| change_password(&app.store, &user, password, now, &*app.rng).await;
    assert!(change("too short").await.is_err());
    assert_eq!(scene.sign_in_with(PASSWORD, &scene.person).await, 303);
    change(NEXT).await.unwrap();
    assert_eq!(scene.goes_on(&tokens).await, [false; 3]);
    assert_eq!(scene.sign_in_with(PASSWORD, &scene.person).await, 422);
    assert_eq!(scene.sign_in_with(NEXT, &scene.person).await, 303);
    assert_eq!(scene.done("user.password_changed"), 1);
}

#[tokio::test]
async fn another_second_factor_ends_what_the_former_one_began() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let (app, user) = (scene.verifier.app.clone(), scene.user().await);
    let (keyring, now) = (app.keyring(), scene.verifier.clock.now());
    let changed = change_second_factor(&app.store, &user, &keyring, now, &*app.rng);
    let next = Person {
        id: scene.person.id.clone(),
        name: scene.person.name.clone(),
        factor_uri: changed.await.unwrap().to_string(),
    };
    assert_eq!(scene.goes_on(&tokens).await, [false; 3]);
    assert_eq!(scene.sign_in_with(PASSWORD, &scene.person).await, 422);
    assert_eq!(scene.sign_in_with(PASSWORD, &next).await, 303);
    assert_eq!(scene.done("user.second_factor_changed"), 1);
}
