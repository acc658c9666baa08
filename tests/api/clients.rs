//! Merchants' clients as operators make and change them.

use serde_json::{Value, json};
use waxseal_tests::{Answer, Shop, Staff};
use waxseal_verifier::{
    clock::Clock,
    mode::Mode,
    store::{client_certificates, clients},
    upkeep,
};

use crate::merchants::{Scene, scene};

const ORIGIN: &str = "https://shop.example";

impl Scene {
    /// A client of `merchant` with what `grant` names.
    async fn client(&self, merchant: &Value, grant: Value) -> (Value, Shop) {
        let made = self
            .call("POST", "/v1/clients", Some(request(merchant, &grant)))
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
        let made = made.json();
        let server = shop(merchant, &made);
        (made, server)
    }

    async fn cards(&self, shop: &Shop) -> Answer {
        self.verifier.call(shop, "GET", "/v1/cards", None).await
    }
}

/// The client's server.
fn shop(merchant: &Value, client: &Value) -> Shop {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, secret) = (text(&client["id"]), text(&client["client_secret"]));
    Shop::new(text(&merchant["id"]), ORIGIN, &id, &secret)
}

fn request(merchant: &Value, grant: &Value) -> Value {
    let mut request = json!({ "merchant": merchant["id"], "name": "Backend" });
    let members = request.as_object_mut().unwrap();
    members.extend(grant.as_object().unwrap().clone());
    request
}

fn path(client: &Value) -> String {
    format!("/v1/clients/{}", client["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_client_calls_with_the_secret_that_is_shown_once() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Live).await;
    let (made, shop) = scene.client(&merchant, json!({ "role": "support" })).await;
    let secret = made["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("wxs_"));
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("client_secret");
    let expected = json!({
        "id": made["id"], "merchant": merchant["id"], "mode": "live", "name": "Backend",
        "scopes": ["cards:read", "sessions:read"], "networks": [], "certificates": [], "created_at": "2026-11-18T11:06:40Z",
        "secret_changed_at": null, "revoked_at": null,
    });
    assert_eq!(shown, expected);
    assert!(made["id"].as_str().unwrap().starts_with("cli_live_"));
    assert_eq!(scene.cards(&shop).await.status, 200);
    let session = shop.session_request();
    let refused = scene
        .verifier
        .call(&shop, "POST", "/v1/sessions", Some(session))
        .await;
    assert_eq!(refused.problem(), "forbidden");

    assert_eq!(scene.call("GET", &path(&made), None).await.json(), shown);
    let list = scene.call("GET", "/v1/clients", None).await;
    assert_eq!(list.json(), json!({ "data": [shown] }));
    let audited = format!(
        "{} {} {} cards:read sessions:read",
        scene.staff.id,
        shop.merchant_id,
        made["id"].as_str().unwrap()
    );
    assert_eq!(scene.audited("client.created"), [audited]);
}

#[tokio::test]
async fn scopes_change_at_once() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let (made, shop) = scene.client(&merchant, json!({ "role": "checkout" })).await;
    assert_eq!(scene.cards(&shop).await.problem(), "forbidden");
    let path = path(&made);
    let change = |body: Value| scene.call("PATCH", &path, Some(body));
    let scopes = json!(["cards:read", "cards:delete", "cards:read"]);
    let changed = change(json!({ "scopes": scopes })).await.json();
    assert_eq!(changed["scopes"], json!(["cards:delete", "cards:read"]));
    assert_eq!(changed["name"], "Backend");
    assert!(changed.get("client_secret").is_none());
    assert_eq!(scene.cards(&shop).await.status, 200);
    let changed = change(json!({ "role": "checkout", "name": "Till" }))
        .await
        .json();
    assert_eq!(
        changed["scopes"],
        json!(["sessions:read", "sessions:write"])
    );
    assert_eq!(changed["name"], "Till");
    assert_eq!(scene.cards(&shop).await.problem(), "forbidden");
    assert_eq!(change(json!({})).await.json(), changed);
    let audited = scene.audited("client.revised");
    let granted: Vec<_> = audited
        .iter()
        .map(|entry| entry.splitn(4, ' ').last().unwrap())
        .collect();
    assert_eq!(
        granted,
        ["cards:delete cards:read", "sessions:read sessions:write"]
    );
}

#[tokio::test]
async fn a_rotated_secret_is_refused_at_once() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let (made, former) = scene.client(&merchant, json!({ "role": "backend" })).await;
    scene.verifier.clock.advance_millis(1000);
    let rotated = scene
        .call("POST", &format!("{}/rotate", path(&made)), None)
        .await;
    assert_eq!(rotated.status, 200);
    let rotated = rotated.json();
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    assert_eq!(rotated["id"], made["id"]);
    assert_eq!(rotated["secret_changed_at"], "2026-11-18T11:06:41Z");
    assert_eq!(scene.cards(&former).await.problem(), "unauthenticated");
    assert_eq!(scene.cards(&shop(&merchant, &rotated)).await.status, 200);
    assert_eq!(scene.audited("client.secret_rotated").len(), 1);
}

#[tokio::test]
async fn a_revoked_client_is_refused_for_ever() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let (made, shop) = scene.client(&merchant, json!({ "role": "backend" })).await;
    let (_, other) = scene.client(&merchant, json!({ "role": "backend" })).await;
    let revoke = format!("{}/revoke", path(&made));
    let revoked = scene.call("POST", &revoke, None).await.json();
    assert_eq!(revoked["revoked_at"], "2026-11-18T11:06:40Z");
    assert_eq!(scene.cards(&shop).await.problem(), "unauthenticated");
    assert_eq!(scene.cards(&other).await.status, 200);
    let rotate = format!("{}/rotate", path(&made));
    for (method, path, body) in [
        ("POST", &revoke, None),
        ("POST", &rotate, None),
        ("PATCH", &path(&made), Some(json!({ "name": "X" }))),
    ] {
        let answer = scene.call(method, path, body).await;
        assert_eq!(answer.problem(), "client_revoked", "{method} {path}");
    }
    assert_eq!(scene.call("GET", &path(&made), None).await.json(), revoked);
    assert_eq!(scene.audited("client.revoked").len(), 1);
}

#[tokio::test]
async fn a_list_is_of_one_merchant_or_of_all() {
    let scene = scene().await;
    let [a, b] = [
        scene.make("A", Mode::Test).await,
        scene.make("B", Mode::Test).await,
    ];
    let mut ids = Vec::new();
    for merchant in [&a, &b, &a] {
        // Ids are ordered by time.
        scene.verifier.clock.advance_millis(1);
        let (made, _) = scene.client(merchant, json!({ "role": "backend" })).await;
        ids.push(made["id"].clone());
    }
    let list = async |query: &str| {
        let page = scene
            .call("GET", &format!("/v1/clients{query}"), None)
            .await
            .json();
        let data = page["data"].as_array().unwrap().iter();
        (
            data.map(|client| client["id"].clone()).collect::<Vec<_>>(),
            page["next_cursor"].clone(),
        )
    };
    assert_eq!(list("").await, (ids.clone(), Value::Null));
    let of_a = format!("?merchant={}", a["id"].as_str().unwrap());
    assert_eq!(list(&of_a).await.0, [ids[0].clone(), ids[2].clone()]);
    let (page, cursor) = list(&format!("{of_a}&limit=1")).await;
    assert_eq!((page, &cursor), (vec![ids[0].clone()], &ids[0]));
    let rest = format!("{of_a}&limit=1&after={}", cursor.as_str().unwrap());
    assert_eq!(list(&rest).await, (vec![ids[2].clone()], Value::Null));
    assert_eq!(list("?merchant=mch_test_1").await.0, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_no_client_is_refused_and_leaves_nothing() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let (made, _) = scene.client(&merchant, json!({ "role": "backend" })).await;
    let before = scene.verifier.row_counts();
    for grant in [
        json!({}),
        json!({ "scopes": [] }),
        json!({ "scopes": ["cards:read"], "role": "backend" }),
        json!({ "scopes": ["keys:read"] }),
        json!({ "scopes": ["cards:reveal"] }),
        json!({ "scopes": ["cards:read sessions:read"] }),
        json!({ "scopes": "cards:read" }),
        json!({ "role": "administrator" }),
        json!({ "role": "" }),
        json!({ "role": "backend", "secret_digest": "x" }),
        json!({ "role": "backend", "name": "" }),
    ] {
        let body = request(&merchant, &grant);
        let answer = scene.call("POST", "/v1/clients", Some(body)).await;
        assert_eq!(answer.problem(), "request_invalid", "{grant}");
        // To change nothing is no fault.
        if grant != json!({}) {
            let answer = scene.call("PATCH", &path(&made), Some(grant.clone())).await;
            assert_eq!(answer.problem(), "request_invalid", "{grant}");
        }
    }
    // A client stays its merchant's.
    let moved = json!({ "merchant": merchant["id"] });
    let answer = scene.call("PATCH", &path(&made), Some(moved)).await;
    assert_eq!(answer.problem(), "request_invalid");
    for unknown in ["mch_test_1", "mch_live_1", "", "x", "\0"] {
        let body = json!({ "merchant": unknown, "name": "X", "role": "backend" });
        let answer = scene.call("POST", "/v1/clients", Some(body)).await;
        assert_eq!(answer.problem(), "merchant_unknown", "{unknown}");
    }
    for (method, path) in [
        ("GET", "/v1/clients/cli_test_1"),
        ("PATCH", "/v1/clients/cli_test_1"),
        ("POST", "/v1/clients/cli_test_1/rotate"),
        ("POST", "/v1/clients/cli_test_1/revoke"),
    ] {
        let body = json!({ "name": "X" });
        let answer = scene.call(method, path, Some(body)).await;
        assert_eq!(answer.problem(), "not_found", "{method} {path}");
    }
    assert_eq!(scene.verifier.row_counts(), before);
}

#[tokio::test]
async fn a_client_is_made_once_for_each_idempotency_key_and_its_secret_shown_once() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let body = request(&merchant, &json!({ "role": "backend" }));
    let post = async |key, body| {
        scene
            .staff
            .post_once(&scene.verifier, "/v1/clients", key, body)
            .await
    };
    let first = post("k", &body).await.json();
    assert_eq!(scene.cards(&shop(&merchant, &first)).await.status, 200);
    let again = post("k", &body).await;
    assert_eq!(again.status, 201);
    let mut shown = first.clone();
    shown.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(again.json(), shown);
    // The one that was shown is still the client's.
    assert_eq!(scene.cards(&shop(&merchant, &first)).await.status, 200);
    let other = request(&merchant, &json!({ "role": "checkout" }));
    assert_eq!(post("k", &other).await.problem(), "idempotency_conflict");
    // What was refused binds no key.
    let mut unknown = body.clone();
    unknown["merchant"] = json!("mch_test_1");
    assert_eq!(post("l", &unknown).await.problem(), "merchant_unknown");
    assert_eq!(post("l", &body).await.status, 201);
    assert_eq!(scene.audited("client.created").len(), 2);

    // Kept for seven days, and not for ever.
    let kept = || {
        scene
            .verifier
            .database
            .number("SELECT count(*) FROM operator_request")
    };
    assert_eq!(kept(), 2);
    scene.verifier.clock.advance_millis(8 * 24 * 60 * 60 * 1000);
    upkeep::sweep(&scene.verifier.app, std::time::Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(kept(), 0);
}

#[tokio::test]
async fn whoever_only_reads_changes_nothing() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let reader = Staff::hire(&scene.verifier, "clients:read merchants:read").await;
    let list = reader
        .call(&scene.verifier, "GET", "/v1/clients", None)
        .await;
    assert_eq!(list.status, 200);
    let body = request(&merchant, &json!({ "role": "backend" }));
    let made = reader
        .call(&scene.verifier, "POST", "/v1/clients", Some(body))
        .await;
    assert_eq!(made.problem(), "forbidden");
}

#[tokio::test]
async fn operators_see_what_a_client_is_known_by_and_may_call_from() {
    let scene = scene().await;
    let merchant = scene.make("Shop", Mode::Test).await;
    let (made, _) = scene.client(&merchant, json!({ "role": "backend" })).await;
    let (id, now) = (
        made["id"].as_str().unwrap().to_owned(),
        scene.verifier.clock.now(),
    );
    let store = &scene.verifier.app.store;
    let stored = store.write("bind", move |tx| {
        clients::set_networks(tx, &id, "192.0.2.0/24 2001:db8::/32")?;
        client_certificates::bind(tx, &id, "dns:backend", now)
    });
    stored.await.unwrap();
    for path in [path(&made), "/v1/clients".to_owned()] {
        let read = scene.call("GET", &path, None).await.json();
        let client = read["data"].get(0).unwrap_or(&read);
        assert_eq!(client["networks"], json!(["192.0.2.0/24", "2001:db8::/32"]));
        assert_eq!(client["certificates"], json!(["dns:backend"]));
    }
}
