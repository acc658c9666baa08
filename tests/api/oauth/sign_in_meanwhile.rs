//! What changes while somebody signs in or says yes, and whom failures of others keep out.

use std::time::{Duration, Instant};

use waxseal_tests::{Browser, Consent, PASSWORD};
use waxseal_verifier::{
    clock::Clock,
    identity::people::{BrowserSession, SignIn, SignInFailure, hash_password, make_factor},
    store::{StoreError, Tx, login_sessions, users},
};

use super::Scene;

const WRONG: &str = "wrong horse battery staple";
const HERE: [u8; 16] = [1; 16];
const ELSEWHERE: [u8; 16] = [2; 16];

impl Scene {
    async fn sign_in_from(&self, address: [u8; 16], name: &str, password: &str) -> String {
        let app = &self.verifier.app;
        let now = self.verifier.clock.now();
        let given = SignIn {
            name: name.to_owned(),
            password: password.to_owned().into(),
            code: self.person.code(now).into(),
            address,
            request_id: "req_1".to_owned(),
        };
        let keyring = app.keyring();
        let signed_in = app
            .sign_ins
            .sign_in(&app.store, &keyring, given, now, &*app.rng);
        match signed_in.await {
            Ok(_) => "signed in".to_owned(),
            Err(SignInFailure::Refused(reason, _)) => reason.to_owned(),
            Err(SignInFailure::Store(error)) => panic!("{error}"),
        }
    }

    /// Signs in with all that is right, and has `change` happen, and every session end, before the password has
    /// been looked at: others stand before it in the queue.
    async fn sign_in_while<F>(&self, change: F) -> String
    where
        F: FnOnce(&Tx<'_>, &str) -> Result<(), StoreError> + Send + 'static,
    {
        let others = (0..6).map(|_| self.sign_in_from(ELSEWHERE, "nobody", WRONG));
        let changing = async {
            let begun = "SELECT count(*) FROM user_account WHERE failures = 1";
            while self.verifier.database.number(begun) == 0 {
                tokio::task::yield_now().await;
            }
            let id = self.person.id.clone();
            let changed = self.verifier.app.store.write("change", move |tx| {
                change(tx, &id)?;
                login_sessions::delete_of_user(tx, &id)
            });
            changed.await.unwrap();
        };
        let signing_in = self.sign_in_from(HERE, "ann", PASSWORD);
        let others = futures_util::future::join_all(others);
        let (_, said, ()) = tokio::join!(others, signing_in, changing);
        let sessions = self
            .verifier
            .database
            .number("SELECT count(*) FROM login_session");
        assert_eq!(sessions, 0, "{said}");
        said
    }
}

#[tokio::test]
async fn a_password_that_is_changed_meanwhile_signs_nobody_in() {
    let scene = Scene::open().await;
    let rng = &*scene.verifier.app.rng;
    let hash = hash_password("another horse battery", "ann", rng).unwrap();
    let said = scene.sign_in_while(move |tx, id| users::set_password(tx, id, &hash));
    assert_eq!(said.await, "password");
}

#[tokio::test]
async fn a_second_factor_that_is_changed_meanwhile_signs_nobody_in() {
    let scene = Scene::open().await;
    let (app, now) = (&scene.verifier.app, scene.verifier.clock.now());
    let factor = make_factor(&scene.person.id, "ann", &app.keyring(), now, &*app.rng);
    let factor = factor.unwrap().factor;
    let said = scene.sign_in_while(move |tx, _| users::put_second_factor(tx, &factor));
    assert_eq!(said.await, "second_factor");
}

#[tokio::test]
async fn whoever_is_locked_out_meanwhile_is_not_signed_in() {
    let scene = Scene::open().await;
    let now = scene.verifier.clock.now();
    let said = scene.sign_in_while(move |tx, id| users::set_disabled(tx, id, Some(now)));
    assert_eq!(said.await, "user_locked");
}

#[tokio::test]
async fn a_session_that_ends_meanwhile_grants_nothing() {
    for change in [
        "DELETE FROM login_session",
        "UPDATE user_account SET disabled_at = 1",
    ] {
        let mut scene = Scene::open().await;
        let consent = Consent::of(&scene.program, "keys:read");
        let (verifier, app) = (&scene.verifier, &scene.verifier.app);
        scene.browser = Browser::default();
        scene
            .browser
            .sign_in(verifier, &scene.person, &consent.path())
            .await;
        let cookie = scene.browser.cookies()["__Host-waxseal-session"].clone();
        let now = verifier.clock.now();
        let session = BrowserSession::find(&app.store, &cookie, now)
            .await
            .unwrap();
        let session = session.expect("she is signed in");
        let query = consent.path();
        let query = query.split_once('?').unwrap().1;
        let request = app
            .authorization
            .read_authorization(&app.store, query)
            .await;
        let request = request.expect("a request that can be answered");
        verifier.database.run(&[change]);
        let allowed = app.authorization.allow(
            &app.store,
            &request,
            &session,
            "req_1".to_owned(),
            now,
            &*app.rng,
        );
        assert_eq!(allowed.await.unwrap(), None, "{change}");
        let granted = verifier.database.number("SELECT count(*) FROM oauth_grant");
        assert_eq!(granted, 0, "{change}");
    }
}

#[tokio::test]
async fn whoever_knows_a_name_does_not_keep_its_owner_out() {
    let scene = Scene::open().await;
    for _ in 0..8 {
        scene.sign_in_from(ELSEWHERE, "ann", WRONG).await;
    }
    let there = scene.sign_in_from(ELSEWHERE, "ann", PASSWORD).await;
    assert_eq!(there, "user_locked");
    assert_eq!(scene.sign_in_from(HERE, "ann", PASSWORD).await, "signed in");
    let there = scene.sign_in_from(ELSEWHERE, "ann", PASSWORD).await;
    assert_eq!(there, "user_locked", "her success is not theirs");
}

#[tokio::test]
async fn from_everywhere_together_there_are_many_more_tries_and_they_end_too() {
    let scene = Scene::open().await;
    let now = scene.verifier.clock.now().millis();
    let many = format!("UPDATE user_account SET failures = 1000, failed_at = {now}");
    scene.verifier.database.run(&[&many]);
    assert_eq!(
        scene.sign_in_from(ELSEWHERE, "ann", WRONG).await,
        "password"
    );
    assert_eq!(
        scene.sign_in_from(HERE, "ann", PASSWORD).await,
        "user_locked"
    );
    scene.verifier.clock.advance_millis(60 * 60_000);
    assert_eq!(
        scene.sign_in_from(ELSEWHERE, "ann", WRONG).await,
        "password"
    );
    assert_eq!(scene.sign_in_from(HERE, "ann", PASSWORD).await, "signed in");
}

#[tokio::test]
async fn time_does_not_tell_whose_name_is_locked() {
    let scene = Scene::open().await;
    for _ in 0..5 {
        scene.sign_in_from(HERE, "ann", WRONG).await;
    }
    let quickest = async |name, wanted| {
        let mut quickest = Duration::MAX;
        for _ in 0..5 {
            let started = Instant::now();
            assert_eq!(scene.sign_in_from(HERE, name, WRONG).await, wanted);
            quickest = quickest.min(started.elapsed());
        }
        quickest
    };
    let unknown = quickest("nobody", "user_unknown").await;
    let locked = quickest("ann", "user_locked").await;
    assert!(locked > unknown / 2, "{locked:?} and {unknown:?}");
}
