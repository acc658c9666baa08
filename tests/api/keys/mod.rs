//! Keys that change while the verifier runs.

mod endpoints;
mod fingerprints;
mod sealing;

use std::time::Duration;

use serde_json::json;
use waxseal_tests::{Answer, Checkout, MASTERCARD, Shop, TestVerifier, VISA, get};
use waxseal_verifier::{
    clock::Clock,
    keys::{Kek, KekSource, Keyring, Purpose, RotationError, change_state, rewrap, rotate},
    mode::Mode,
    store::{
        key_state::KeyState,
        key_uses,
        keys::{self, KeyRow},
    },
    upkeep,
};

const ORIGIN: &str = "https://shop.example";
const DAY_S: i64 = 24 * 60 * 60;

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
}

async fn scene() -> Scene {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    Scene { verifier, shop }
}

impl Scene {
    async fn rotate(&self, purpose: Purpose) -> Result<KeyRow, RotationError> {
        // Keys are listed by age.
        self.verifier.clock.advance_millis(1000);
        let app = &self.verifier.app;
        let now = self.verifier.clock.now();
        let kind = (purpose, Mode::Test);
        let row = rotate(&app.store, app.keys.kek(), kind, true, &*app.rng, now).await;
        assert_eq!(app.keys.refresh(&app.store).await.unwrap(), row.is_ok());
        row
    }

    async fn set(&self, id: &str, next: KeyState) -> Result<(), RotationError> {
        let app = &self.verifier.app;
        let (kek, now) = (app.keys.kek(), self.verifier.clock.now());
        let changed = change_state(&app.store, kek, id, next, &*app.rng, now).await;
        app.keys.refresh(&app.store).await.unwrap();
        changed
    }

    async fn keys(&self, purpose: Purpose) -> Vec<KeyRow> {
        let all = self.verifier.app.store.read(keys::list).await.unwrap();
        let of_kind = |key: &KeyRow| key.mode == Mode::Test && key.purpose == purpose.as_str();
        all.into_iter().filter(of_kind).collect()
    }

    async fn uses(&self, key: &KeyRow) -> u64 {
        let key = key.clone();
        let count = self
            .verifier
            .app
            .store
            .read(move |connection| key_uses::count(connection, &key));
        count.await.unwrap()
    }

    async fn open(&self) -> Checkout {
        Checkout::open(&self.verifier, &self.shop).await
    }

    /// Buys with a card; the path of the session.
    async fn buy(&self, number: &str) -> String {
        let mut checkout = self.open().await;
        assert_eq!(checkout.pay(&self.verifier, number).await.status, 200);
        format!("/v1/sessions/{}", checkout.session_id)
    }

    async fn read(&self, path: &str) -> Answer {
        self.verifier.call(&self.shop, "GET", path, None).await
    }

    async fn keep_up(&self, after_s: i64) {
        self.verifier.clock.advance_millis(after_s * 1000);
        upkeep::keys_due(&self.verifier.app).await.unwrap();
        self.verifier
            .app
            .keys
            .refresh(&self.verifier.app.store)
            .await
            .unwrap();
    }

    async fn published(&self) -> Vec<(String, String)> {
        let answer = self
            .verifier
            .public(get("/.well-known/jwks.json", None))
            .await
            .json();
        let keys = answer["keys"].as_array().unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        keys.iter()
            .map(|key| (text(&key["kid"]), text(&key["state"])))
            .collect()
    }
}

#[tokio::test]
async fn client_tokens_outlive_their_key() {
    let scene = scene().await;
    let mut open = scene.open().await;
    scene.rotate(Purpose::ClientToken).await.unwrap();
    assert_eq!(open.pay(&scene.verifier, VISA).await.status, 200);
    scene.buy(VISA).await;
    let mut other = scene.open().await;
    let [former, current] = scene.keys(Purpose::ClientToken).await.try_into().unwrap();
    scene.set(&former.id, KeyState::Revoked).await.unwrap();
    assert_eq!(other.pay(&scene.verifier, VISA).await.status, 200);
    assert_eq!(
        open.pay(&scene.verifier, VISA).await.problem(),
        "client_token_invalid"
    );
    let refused = scene.set(&current.id, KeyState::Retired).await;
    assert!(matches!(refused, Err(RotationError::OnlyOne)));
}

#[tokio::test]
async fn a_new_ff1_key_leaves_old_tokens_and_duplicates_findable() {
    let scene = scene().await;
    let before = scene.buy(VISA).await;
    scene.rotate(Purpose::Ff1).await.unwrap();
    let after = scene.buy(VISA).await;
    let other = scene.buy(MASTERCARD).await;
    let mut cards = Vec::new();
    for path in [before, after, other] {
        cards.push(scene.read(&path).await.json()["card"].clone());
    }
    assert_eq!(cards[0], cards[1]);
    assert_ne!(cards[0]["token"], cards[2]["token"]);
}

#[tokio::test]
async fn rows_move_to_a_new_key_and_the_former_can_be_destroyed() {
    let scene = scene().await;
    let mut sessions = Vec::new();
    for number in [VISA, MASTERCARD] {
        sessions.push(scene.buy(number).await);
    }
    let mut before = Vec::new();
    for path in &sessions {
        before.push(scene.read(path).await.json());
    }
    scene.rotate(Purpose::Dek).await.unwrap();
    let [former, current] = scene.keys(Purpose::Dek).await.try_into().unwrap();
    // Two cards of two values, two submissions of four.
    assert_eq!(
        (scene.uses(&former).await, scene.uses(&current).await),
        (12, 0)
    );
    scene.verifier.clock.advance_millis(60 * 60 * 1000);
    let refused = scene.set(&former.id, KeyState::Destroyed).await;
    assert!(
        matches!(refused, Err(RotationError::InUse(12))),
        "{refused:?}"
    );

    // While they are moved, what comes is written under the new key and what is there is read.
    sessions.push(scene.buy("4111111111111111").await);
    assert_eq!(scene.uses(&current).await, 6);
    let moved = upkeep::move_rows(&scene.verifier.app, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(moved, 4);
    assert_eq!(
        (scene.uses(&former).await, scene.uses(&current).await),
        (0, 18)
    );
    scene.set(&former.id, KeyState::Destroyed).await.unwrap();
    for (path, before) in sessions.iter().zip(before) {
        assert_eq!(scene.read(path).await.json(), before);
    }
    assert_eq!(
        upkeep::move_rows(&scene.verifier.app, Duration::ZERO)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_damaged_row_does_not_stop_the_others() {
    let scene = scene().await;
    let whole = scene.buy(VISA).await;
    let broken = scene.buy(MASTERCARD).await;
    scene.rotate(Purpose::Dek).await.unwrap();
    let damage = "UPDATE card SET pan_enc = zeroblob(60) WHERE brand = 'mastercard'";
    assert_eq!(scene.verifier.database.run(&[damage]), 1);
    let moved = upkeep::move_rows(&scene.verifier.app, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(moved, 3, "a card and two submissions");
    assert_eq!(scene.read(&whole).await.status, 200);
    assert_eq!(scene.read(&broken).await.problem(), "internal");
}

#[tokio::test]
async fn what_could_not_be_found_again_is_not_rotated() {
    let scene = scene().await;
    let refused = scene.rotate(Purpose::Pseudonym).await;
    assert!(
        matches!(refused, Err(RotationError::NotRotated(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn every_key_is_wrapped_by_another_file_and_by_it_alone() {
    let scene = scene().await;
    let session = scene.buy(VISA).await;
    let app = &scene.verifier.app;
    let next = Kek::create(
        &KekSource::File(scene.verifier.folder.path().join("next.key")),
        &*app.rng,
    )
    .unwrap();
    let now = scene.verifier.clock.now();
    let count = rewrap(&app.store, app.keys.kek(), &next, &*app.rng, now)
        .await
        .unwrap();
    assert_eq!(count, 17);
    assert!(Keyring::load(&app.store, app.keys.kek()).await.is_err());
    assert!(Keyring::load(&app.store, &next).await.is_ok());
    // The running verifier goes on with what it has, and says that it cannot read the rest.
    assert!(app.keys.refresh(&app.store).await.is_err());
    assert_eq!(
        scene.read(&session).await.json()["card"]["last4"],
        json!("4242")
    );
    let again = rewrap(&app.store, app.keys.kek(), &next, &*app.rng, now).await;
    assert!(again.is_err(), "not with the former file");
}

#[tokio::test]
async fn a_key_that_was_used_often_enough_is_replaced() {
    let scene = scene().await;
    let encryptions = async || {
        upkeep::count_encryptions(&scene.verifier.app)
            .await
            .unwrap();
        scene
            .verifier
            .app
            .keys
            .refresh(&scene.verifier.app.store)
            .await
            .unwrap();
        let counts = scene.verifier.database.texts(
            "SELECT encryptions FROM key WHERE purpose = 'dek' AND mode = 'test' ORDER BY version",
        );
        let counts = counts.iter().map(|count| count.parse().unwrap());
        counts.collect::<Vec<u64>>()
    };
    assert_eq!(encryptions().await, [0]);
    scene.buy(VISA).await;
    // Of the card PAN and salt, of the submission details, signals, address and decision.
    assert_eq!(encryptions().await, [6]);
    assert_eq!(encryptions().await, [6]);

    let most = scene.verifier.app.key_policy.encryptions;
    // Keys are listed by age.
    scene.verifier.clock.advance_millis(1000);
    let used =
        format!("UPDATE key SET encryptions = {most} - 1 WHERE purpose = 'dek' AND mode = 'test'");
    scene.verifier.database.run(&[&used]);
    scene.buy(MASTERCARD).await;
    assert_eq!(encryptions().await, [most + 5, 0]);
    let [former, current] = scene.keys(Purpose::Dek).await.try_into().unwrap();
    assert_eq!(
        (former.state, current.state),
        (KeyState::Retired, KeyState::Active)
    );
    scene.buy(VISA).await;
    assert_eq!(scene.uses(&current).await, 4, "the card is there already");
}

#[tokio::test]
async fn nothing_is_wrapped_by_a_key_that_another_has_followed() {
    let scene = scene().await;
    let app = &scene.verifier.app;
    let next = KekSource::File(scene.verifier.folder.path().join("next.key"));
    let next = Kek::create(&next, &*app.rng).unwrap();
    let now = scene.verifier.clock.now();
    rewrap(&app.store, app.keys.kek(), &next, &*app.rng, now)
        .await
        .unwrap();
    // The running verifier has the former key, and a sealing key is due.
    scene.verifier.clock.advance_millis(29 * DAY_S * 1000);
    assert!(upkeep::keys_due(app).await.is_err());
    assert!(
        Keyring::create(&app.store, app.keys.kek(), &*app.rng, now)
            .await
            .is_err()
    );
    assert!(Keyring::load(&app.store, &next).await.is_ok());
}
