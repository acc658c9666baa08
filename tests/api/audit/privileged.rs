//! Whatever changes something leaves an entry: each route that does is here, with what it is called by.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use waxseal_tests::{Answer, Checkout, ORIGIN, Shop, Staff, TestVerifier, VISA};
use waxseal_verifier::{
    alerts::raise,
    clock::Clock,
    identity::{OperatorScope, Permission},
    interface::{Access, Listener},
    mode::Mode,
    router::routes,
    store::{
        Subject, SubjectKind,
        alerts::{Detail, Sign},
    },
};

/// A route and the action of its entry. Routes stand in the order in which they are called.
const ROUTES: [(&str, &str, &str); 33] = [
    ("POST", "/v1/merchants", "merchant.created"),
    ("PATCH", "/v1/merchants/{id}", "merchant.revised"),
    ("POST", "/v1/clients", "client.created"),
    ("PATCH", "/v1/clients/{id}", "client.revised"),
    ("POST", "/v1/clients/{id}/rotate", "client.secret_rotated"),
    ("POST", "/v1/clients/{id}/revoke", "client.revoked"),
    ("POST", "/v1/alerts/{id}/acknowledge", "alert.acknowledged"),
    ("POST", "/v1/alerts/{id}/close", "alert.closed"),
    ("POST", "/v1/sessions", "session.created"),
    ("PATCH", "/v1/sessions/{id}", "session.revised"),
    ("POST", "/v1/sessions/{id}/token", "session.token_renewed"),
    ("POST", "/v1/session/card", "card.stored"),
    ("POST", "/v1/assessments", "assessment.made"),
    ("POST", "/v1/outcomes", "outcome.recorded"),
    ("POST", "/v1/reviews/{id}/claim", "review.claimed"),
    ("POST", "/v1/reviews/{id}/decide", "review.decided"),
    ("POST", "/v1/lists", "list.created"),
    ("POST", "/v1/lists/{list}/entries", "list.entry_put"),
    (
        "DELETE",
        "/v1/lists/{list}/entries/{id}",
        "list.entry_removed",
    ),
    ("DELETE", "/v1/lists/{list}", "list.deleted"),
    ("POST", "/v1/rules", "rules.created"),
    ("POST", "/v1/rules/backtest", "rules.backtested"),
    ("POST", "/v1/rules/{id}/shadow", "rules.shadowed"),
    ("DELETE", "/v1/rules/{id}/shadow", "rules.shadow_ended"),
    ("POST", "/v1/rules/{id}/activate", "rules.activated"),
    ("POST", "/v1/rules/rollback", "rules.rolled_back"),
    ("POST", "/v1/cards/{id}/reveal", "card.revealed"),
    ("DELETE", "/v1/cards/{id}", "card.erased"),
    ("DELETE", "/v1/customers/{reference}", "customer.erased"),
    ("POST", "/v1/keys", "key.made"),
    ("POST", "/v1/keys/{id}/revoke", "key.revoked"),
    ("POST", "/v1/keys/{id}/retire", "key.retired"),
    ("POST", "/v1/keys/{id}/destroy", "key.destroyed"),
];

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    staff: Staff,
    merchant: String,
    client: String,
    alert: String,
    session: String,
    card: String,
    key: String,
    entry: String,
    review: String,
    rules: String,
}

#[test]
fn every_route_that_changes_something_is_here() {
    let of = |listener| routes(listener).into_iter();
    let changing = Listener::ALL.into_iter().flat_map(of);
    let changing = changing.filter(|route| {
        assert!(route.method == Method::GET || route.access != Access::Anyone);
        route.method != Method::GET
    });
    let changing: BTreeSet<_> = changing
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let here = ROUTES.map(|(method, path, _)| format!("{method} {path}"));
    assert_eq!(changing, BTreeSet::from(here));
}

#[tokio::test]
async fn each_leaves_an_entry_of_its_request() {
    let mut scene = Scene::open().await;
    for (method, path, action) in ROUTES {
        let answer = scene.call(method, path).await;
        let what = format!("{method} {path}");
        assert!(answer.status.is_success(), "{what}: {}", answer.text);
        let id = answer.headers["x-request-id"].to_str().unwrap();
        let id = id.replacen("req_", "req_live_", 1);
        let logged = scene.verifier.database.texts(&format!(
            "SELECT action FROM audit WHERE id_text('req', request_id) = '{id}'"
        ));
        assert!(
            logged.iter().any(|logged| logged == action),
            "{what}: {logged:?}"
        );
    }
}

impl Scene {
    async fn open() -> Self {
        let verifier = TestVerifier::start().await;
        let scopes: Vec<&str> = OperatorScope::NAMES.iter().map(|(_, name)| *name).collect();
        let staff = Staff::hire(&verifier, &scopes.join(" ")).await;
        let sign = Sign {
            kind: "auth_failures",
            subject: Subject::new(SubjectKind::Client, "cli_test_1"),
            aspect: String::new(),
            detail: Detail::default(),
            count: 5,
            more: 5,
            at: verifier.clock.now(),
        };
        let alert = raise(&verifier.app, sign).await.unwrap().unwrap();
        Self {
            shop: verifier.shop(Mode::Test, ORIGIN).await,
            alert: alert.id,
            verifier,
            staff,
            merchant: String::new(),
            client: String::new(),
            session: String::new(),
            card: String::new(),
            key: String::new(),
            entry: String::new(),
            review: String::new(),
            rules: String::new(),
        }
    }

    async fn call(&mut self, method: &str, path: &str) -> Answer {
        match path.split('/').nth(2).unwrap() {
            "merchants" => {
                let body = json!({ "name": "Shop", "mode": "test", "origins": [ORIGIN] });
                let change = json!({ "name": "Other" });
                let body = if method == "POST" { body } else { change };
                let answer = self.by_staff(method, path, Some(body)).await;
                keep(&mut self.merchant, &answer);
                answer
            }
            "clients" => {
                let body = match (method, path) {
                    ("POST", "/v1/clients") => Some(
                        json!({ "merchant": self.merchant, "name": "Backend", "role": "support" }),
                    ),
                    ("PATCH", _) => Some(json!({ "name": "Other" })),
                    _ => None,
                };
                let answer = self.by_staff(method, path, body).await;
                keep(&mut self.client, &answer);
                answer
            }
            "keys" => self.change_keys(method, path).await,
            "alerts" => self.by_staff(method, path, None).await,
            "lists" => self.change_lists(method, path).await,
            "assessments" => {
                let body = json!({ "amount": 5, "currency": "USD", "ip": "192.0.2.1" });
                self.verifier
                    .call(&self.shop, method, path, Some(body))
                    .await
            }
            "outcomes" => {
                let body = json!({ "session": self.session, "kind": "fraud" });
                self.verifier
                    .call(&self.shop, method, path, Some(body))
                    .await
            }
            "reviews" => self.look_at_review(method, path).await,
            "rules" => {
                let text = "rule \"a\" when session.amount_minor else 0 > 5 then flag reason a";
                let body = match path {
                    "/v1/rules" | "/v1/rules/backtest" => Some(json!({ "text": text })),
                    "/v1/rules/rollback" => Some(json!({})),
                    _ => None,
                };
                let answer = self.by_staff(method, path, body).await;
                if path == "/v1/rules" {
                    keep(&mut self.rules, &answer);
                }
                answer
            }
            "session" => self.submit().await,
            "sessions" => {
                let mut new = self.shop.session_request();
                new["customer"] = json!("c-1");
                let body = match (method, path) {
                    ("POST", "/v1/sessions") => Some(new),
                    ("PATCH", _) => Some(json!({ "rev": 1, "amount": 5 })),
                    _ => None,
                };
                let path = path.replace("{id}", &self.session);
                let answer = self.verifier.call(&self.shop, method, &path, body).await;
                if method == "POST" && !path.ends_with("token") {
                    keep(&mut self.session, &answer);
                }
                answer
            }
            "cards" if method == "POST" => {
                let why = json!({ "reason": "Chargeback 4711, asked by the bank" });
                self.by_staff(method, path, Some(why)).await
            }
            _ => {
                let path = path
                    .replace("{id}", &self.card)
                    .replace("{reference}", "c-1");
                self.verifier.call(&self.shop, method, &path, None).await
            }
        }
    }

    async fn by_staff(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let id = match path.split('/').nth(2).unwrap() {
            "alerts" => &self.alert,
            "cards" => &self.card,
            "clients" => &self.client,
            "keys" => &self.key,
            "lists" => &self.entry,
            "reviews" => &self.review,
            "rules" => &self.rules,
            _ => &self.merchant,
        };
        let path = path.replace("{id}", id).replace("{list}", "resellers");
        self.staff.call(&self.verifier, method, &path, body).await
    }

    async fn change_lists(&mut self, method: &str, path: &str) -> Answer {
        let list = json!({ "name": "resellers", "kind": "text" });
        let entry =
            json!({ "value": "a", "reason": "known", "expires_at": "2027-01-01T00:00:00Z" });
        let body = match (method, path) {
            ("POST", "/v1/lists") => Some(list),
            ("POST", _) => Some(entry),
            _ => None,
        };
        let answer = self.by_staff(method, path, body).await;
        if path.ends_with("entries") {
            keep(&mut self.entry, &answer);
        }
        answer
    }

    /// Of a session over more than the rules let through.
    async fn look_at_review(&mut self, method: &str, path: &str) -> Answer {
        if path.ends_with("claim") {
            let mut request = self.shop.session_request();
            request["amount"] = json!(600_000);
            let mut checkout = Checkout::open_with(&self.verifier, &self.shop, request).await;
            assert_eq!(checkout.pay(&self.verifier, VISA).await.status, 200);
            let queue = self
                .staff
                .call(&self.verifier, "GET", "/v1/reviews", None)
                .await;
            let waiting = queue.json()["data"][0]["id"].clone();
            waiting.as_str().unwrap().clone_into(&mut self.review);
        }
        let verdict = json!({ "verdict": "legitimate", "reason": "known" });
        self.by_staff(method, path, Some(verdict)).await
    }

    async fn submit(&mut self) -> Answer {
        let mut request = self.shop.session_request();
        request["customer"] = json!("c-1");
        let mut checkout = Checkout::open_with(&self.verifier, &self.shop, request).await;
        let answer = checkout.pay(&self.verifier, VISA).await;
        let path = format!("/v1/sessions/{}", checkout.session_id);
        let session = self
            .verifier
            .call(&self.shop, "GET", &path, None)
            .await
            .json();
        session["card"]["id"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.card);
        answer
    }

    /// The sealing key in use is revoked, the next one retired, and that one wiped when nothing can need it any more.
    async fn change_keys(&mut self, method: &str, path: &str) -> Answer {
        if path == "/v1/keys" {
            let body = json!({ "purpose": "dek", "mode": "test" });
            return self.by_staff(method, path, Some(body)).await;
        }
        self.verifier.clock.advance_millis(7 * 24 * 60 * 60 * 1000);
        if !path.ends_with("destroy") {
            let all = self
                .staff
                .call(&self.verifier, "GET", "/v1/keys", None)
                .await
                .json();
            let mut all = all["data"].as_array().unwrap().iter();
            let is_active = |key: &&Value| {
                key["purpose"] == "sealing" && key["mode"] == "test" && key["state"] == "active"
            };
            let active = all.find(is_active).unwrap();
            active["id"].as_str().unwrap().clone_into(&mut self.key);
        }
        self.by_staff(method, path, None).await
    }
}

/// Of what was made.
fn keep(id: &mut String, answer: &Answer) {
    if let Some(made) = answer.json()["id"].as_str() {
        made.clone_into(id);
    }
}
