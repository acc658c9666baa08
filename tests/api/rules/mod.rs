//! Versions of rules, decisions made again from their snapshots, and backtests.

mod backtests;
mod replays;
mod versions;

use serde_json::{Value, json};
use waxseal_model::file::Model;
use waxseal_tests::{Answer, Checkout, Shop, Staff, TestVerifier, VISA};
use waxseal_verifier::{
    keys::{Purpose, rotate},
    mode::Mode,
    records::{Replay, ReplayError, replay},
    scoring::{Scorer, sign},
    store::models::{self, ModelRow, ModelState},
};

const ORIGIN: &str = "https://shop.example";
const ROLE: &str = "lists:read lists:write reviews:read rules:read rules:write";
const LARGE: &str = "rule \"large\"\n  when session.amount_minor else 0 > 5000\n    then reject points 7 reason too_large\n";
const ALLOW: &str =
    "rule \"all\"\n  when session.amount_minor else 0 >= 0\n    then allow reason everybody\n";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    staff: Staff,
}

async fn scene() -> Scene {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let staff = Staff::hire(&verifier, ROLE).await;
    Scene {
        verifier,
        shop,
        staff,
    }
}

impl Scene {
    async fn post(&self, path: &str, body: Option<Value>) -> Answer {
        self.staff.call(&self.verifier, "POST", path, body).await
    }

    async fn read(&self, path: &str) -> Value {
        let answer = self.staff.call(&self.verifier, "GET", path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Id of a draft.
    async fn draft(&self, text: &str, merchant: Option<&str>) -> String {
        let body = json!({ "text": text, "merchant": merchant, "note": "Tried" });
        let made = self.post("/v1/rules", Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn activate(&self, id: &str) -> Value {
        let done = self.post(&format!("/v1/rules/{id}/activate"), None).await;
        assert_eq!(done.status, 200, "{}", done.text);
        done.json()
    }

    async fn pay_at(&self, verifier: &TestVerifier, shop: &Shop, dollars: u64) -> Value {
        let mut request = shop.session_request();
        request["amount"] = json!(dollars * 100);
        let mut checkout = Checkout::open_with(verifier, shop, request).await;
        assert_eq!(checkout.pay(verifier, VISA).await.status, 200);
        let path = format!("/v1/sessions/{}", checkout.session_id);
        verifier.call(shop, "GET", &path, None).await.json()
    }

    async fn pay(&self, dollars: u64) -> Value {
        self.pay_at(&self.verifier, &self.shop, dollars).await
    }

    fn submission_of(&self, session: &Value) -> String {
        let id = session["id"].as_str().unwrap();
        let sql = format!(
            "SELECT id_text('sub', id) FROM submission WHERE id_text('cs', session_id) = '{id}'"
        );
        self.verifier.database.texts(&sql).remove(0)
    }

    async fn replay(&self, session: &Value) -> Result<Replay, ReplayError> {
        let id = self.submission_of(session);
        let app = &self.verifier.app;
        replay(&app.store, app.keyring(), id).await.unwrap()
    }

    /// Replays, and compares with what the merchant's server read.
    async fn replays(&self, session: &Value) -> Replay {
        let replayed = self.replay(session).await.unwrap();
        assert!(replayed.identical, "{:?}", replayed.stored);
        let decision = serde_json::to_value(&replayed.decision).unwrap();
        for member in ["outcome", "points", "reasons"] {
            assert_eq!(decision[member], session["decision"][member]);
        }
        replayed
    }

    /// Another model scores from now on.
    async fn crown(&self, name: &str) -> String {
        let app = &self.verifier.app;
        let now = app.clock.now();
        let (builtin, _) =
            Model::read(include_bytes!("../../../verifier/data/builtin.model")).unwrap();
        let model = Model {
            name: name.to_owned(),
            ..builtin
        };
        let (file, digest) = model.write().unwrap();
        let scorer = Scorer::new(model, digest.clone()).unwrap();
        let version = scorer.version().to_owned();
        let kind = (Purpose::Model, Mode::Live);
        rotate(&app.store, app.keys.kek(), kind, true, &*app.rng, now)
            .await
            .unwrap();
        app.keys.refresh(&app.store).await.unwrap();
        let keyring = app.keyring();
        let key = keyring.of(Mode::Live).model_keys().first().unwrap();
        let row = ModelRow {
            version: version.clone(),
            state: ModelState::Kept,
            file,
            signed: sign(key, &version, &digest).unwrap(),
            kid: key.kid().to_owned(),
            created_at: now,
        };
        let crowned = version.clone();
        let done = app.store.write("crown", move |tx| {
            models::insert(tx, &row)?;
            models::appoint(tx, ModelState::Champion, Some(&crowned))
        });
        assert!(done.await.unwrap());
        assert!(app.models.refresh(&app.store, &keyring).await.unwrap());
        version
    }

    fn audited(&self, action: &str) -> u64 {
        let sql = format!("SELECT count(*) FROM audit WHERE action = '{action}'");
        self.verifier.database.number(&sql)
    }
}
