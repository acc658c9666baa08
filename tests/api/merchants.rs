//! Merchants as operators make and change them.

use serde_json::{Value, json};
use waxseal_tests::{Answer, Checkout, Staff, TestVerifier};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";
const OTHER: &str = "https://other.example";

pub(crate) struct Scene {
    pub(crate) verifier: TestVerifier,
    pub(crate) staff: Staff,
}

pub(crate) async fn scene() -> Scene {
    let verifier = TestVerifier::start().await;
    let all = "clients:read clients:write keys:write merchants:read merchants:write";
    let staff = Staff::hire(&verifier, all).await;
    Scene { verifier, staff }
}

impl Scene {
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.staff.call(&self.verifier, method, path, body).await
    }

    pub(crate) async fn make(&self, name: &str, mode: Mode) -> Value {
        let request = json!({ "name": name, "mode": mode, "origins": [ORIGIN] });
        let answer = self.call("POST", "/v1/merchants", Some(request)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    /// What the audit has of an action: operator, merchant, client, scopes.
    pub(crate) fn audited(&self, action: &str) -> Vec<String> {
        self.verifier.database.texts(&format!(
            "SELECT operator_id || ' ' || id_text('mch', merchant_id) || ' ' || coalesce(client_id, '-') || ' '
                 || coalesce(reason, '-')
             FROM audit WHERE action = '{action}' AND request_id IS NOT NULL ORDER BY seq"
        ))
    }
}

#[tokio::test]
async fn a_merchant_is_made_read_and_changed() {
    let scene = scene().await;
    let request = json!({ "name": "Käse & Söhne", "mode": "live", "origins": [OTHER, ORIGIN] });
    let made = scene.call("POST", "/v1/merchants", Some(request)).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("mch_live_"));
    let expected = json!({
        "id": id, "mode": "live", "name": "Käse & Söhne", "origins": [OTHER, ORIGIN],
        "created_at": "2026-11-18T11:06:40Z",
    });
    assert_eq!(made, expected);
    let path = format!("/v1/merchants/{id}");
    assert_eq!(scene.call("GET", &path, None).await.json(), made);

    let change = |body: Value| scene.call("PATCH", &path, Some(body));
    let renamed = change(json!({ "name": "Käse" })).await.json();
    assert_eq!(
        (&renamed["name"], &renamed["origins"]),
        (&json!("Käse"), &made["origins"])
    );
    let moved = change(json!({ "origins": [OTHER] })).await.json();
    assert_eq!(
        (&moved["name"], &moved["origins"]),
        (&json!("Käse"), &json!([OTHER]))
    );
    assert_eq!(change(json!({})).await.json(), moved);
    assert_eq!(scene.call("GET", &path, None).await.json(), moved);

    let who = format!("{} {id} - -", scene.staff.id);
    assert_eq!(scene.audited("merchant.revised"), [&*who, &*who]);
    assert_eq!(scene.audited("merchant.created"), [who]);
}

#[tokio::test]
async fn a_session_names_an_origin_that_is_registered_now() {
    let scene = scene().await;
    let shop = scene.verifier.shop(Mode::Test, ORIGIN).await;
    let before = Checkout::open(&scene.verifier, &shop).await;
    let path = format!("/v1/merchants/{}", shop.merchant_id);
    let change = json!({ "origins": [OTHER] });
    assert_eq!(scene.call("PATCH", &path, Some(change)).await.status, 200);
    let refused = scene
        .verifier
        .call(&shop, "POST", "/v1/sessions", Some(shop.session_request()))
        .await;
    assert_eq!(refused.problem(), "origin_not_registered");
    let mut request = shop.session_request();
    request["origin"] = json!(OTHER);
    Checkout::open_with(&scene.verifier, &shop, request).await;
    // One that is under way goes on.
    let frame = waxseal_tests::get("/v1/session", Some(&before.token));
    assert_eq!(scene.verifier.public(frame).await.json()["origin"], ORIGIN);
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let scene = scene().await;
    let mut made = Vec::new();
    for name in ["A", "B", "C"] {
        // Ids are ordered by time.
        scene.verifier.clock.advance_millis(1);
        made.push(scene.make(name, Mode::Test).await);
    }
    let first = scene
        .call("GET", "/v1/merchants?limit=2", None)
        .await
        .json();
    assert_eq!(first["data"], json!(made[..2]));
    assert_eq!(first["next_cursor"], made[1]["id"]);
    let next = format!(
        "/v1/merchants?limit=2&after={}",
        made[1]["id"].as_str().unwrap()
    );
    let last = scene.call("GET", &next, None).await.json();
    assert_eq!(last, json!({ "data": [made[2]] }));
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "after=%00",
        "before=1",
        "after=1&after=2",
    ] {
        let path = format!("/v1/merchants?{query}");
        assert_eq!(
            scene.call("GET", &path, None).await.problem(),
            "request_invalid",
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_is_no_merchant_is_refused_and_leaves_nothing() {
    let scene = scene().await;
    let good = json!({ "name": "Shop", "mode": "test", "origins": [ORIGIN] });
    let merchant = scene.make("Shop", Mode::Test).await;
    let path = format!("/v1/merchants/{}", merchant["id"].as_str().unwrap());
    let before = scene.verifier.row_counts();
    let many: Vec<_> = (0..33).map(|n| format!("https://{n}.example")).collect();
    for (member, value) in [
        ("name", json!("")),
        ("name", json!(" Shop")),
        ("name", json!("Sh\nop")),
        ("name", json!("x".repeat(101))),
        ("name", json!(1)),
        ("origins", json!([])),
        ("origins", json!(many)),
        ("origins", json!([ORIGIN, ORIGIN])),
        ("origins", json!(["http://shop.example"])),
        ("origins", json!(["https://shop.example/"])),
        ("origins", json!(["https://a;sandbox"])),
        ("origins", json!("https://shop.example")),
        ("mode", json!("both")),
        ("unknown", json!(1)),
    ] {
        let mut body = good.clone();
        body[member] = value.clone();
        let answer = scene.call("POST", "/v1/merchants", Some(body)).await;
        assert_eq!(answer.problem(), "request_invalid", "{member} {value}");
        let change = json!({ member: value });
        let answer = scene.call("PATCH", &path, Some(change.clone())).await;
        assert_eq!(answer.problem(), "request_invalid", "{change}");
    }
    // A mode is for ever.
    let answer = scene
        .call("PATCH", &path, Some(json!({ "mode": "live" })))
        .await;
    assert_eq!(answer.problem(), "request_invalid");
    for absent in ["name", "mode", "origins"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(absent);
        let answer = scene.call("POST", "/v1/merchants", Some(body)).await;
        assert_eq!(answer.problem(), "request_invalid", "{absent}");
    }
    for (method, body) in [("GET", None), ("PATCH", Some(json!({ "name": "X" })))] {
        let answer = scene.call(method, "/v1/merchants/mch_test_1", body).await;
        assert_eq!(answer.problem(), "not_found");
    }
    assert_eq!(scene.verifier.row_counts(), before);
    assert_eq!(scene.call("GET", &path, None).await.json(), merchant);
}

#[tokio::test]
async fn a_merchant_is_made_once_for_each_idempotency_key() {
    let scene = scene().await;
    let body = json!({ "name": "Shop", "mode": "test", "origins": [ORIGIN, OTHER] });
    let post =
        |staff, key, body| Staff::post_once(staff, &scene.verifier, "/v1/merchants", key, body);
    let first = post(&scene.staff, "k", &body).await;
    assert_eq!(first.status, 201);
    // The same meaning in other words.
    let same = json!({ "origins": [OTHER, ORIGIN], "mode": "test", "name": "Shop" });
    let again = post(&scene.staff, "k", &same).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    let mut other = body.clone();
    other["name"] = json!("Shop 2");
    assert_eq!(
        post(&scene.staff, "k", &other).await.problem(),
        "idempotency_conflict"
    );
    assert_ne!(post(&scene.staff, "l", &body).await.json(), first.json());
    // Another operator's keys are its own.
    let colleague = Staff::hire(&scene.verifier, "merchants:write").await;
    assert_ne!(post(&colleague, "k", &body).await.json(), first.json());
    for bad in ["", " ", "a b", "ä", &"k".repeat(256)] {
        assert_eq!(
            post(&scene.staff, bad, &body).await.problem(),
            "request_invalid",
            "{bad}"
        );
    }
    assert_eq!(scene.audited("merchant.created").len(), 3);
    let kept = scene
        .verifier
        .database
        .number("SELECT count(*) FROM merchant");
    assert_eq!(kept, 3);
}
