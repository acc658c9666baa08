//! Every route of the interface's description, called by whoever may not.

mod ended;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use waxseal_tests::{Answer, Checkout, Shop, Staff, TestVerifier, VISA};
use waxseal_verifier::{
    identity::{OperatorScope, Permission, Scope, Scopes},
    mode::Mode,
};

const ORIGIN: &str = "https://shop.example";

/// What needs no caller. A further one has to be meant.
const FOR_ANYONE: [&str; 7] = [
    "GET /.well-known/jwks.json",
    "GET /frame/assets/{name}",
    "GET /frame/v1",
    "GET /healthz",
    "GET /openapi.json",
    "GET /readyz",
    "GET /sdk/{version}/{file}",
];

/// A route as the description has it.
struct Operation {
    method: String,
    path: String,
    listeners: Vec<String>,
    /// Kind of caller, and scope.
    wants: Option<(String, String)>,
}

struct Scene {
    verifier: TestVerifier,
    operations: Vec<Operation>,
    /// Whose data it is.
    owner: Shop,
    session_id: String,
    card_id: String,
    client_token: String,
}

async fn scene() -> Scene {
    let verifier = TestVerifier::start().await;
    let owner = verifier.shop(Mode::Test, ORIGIN).await;
    let mut request = owner.session_request();
    request["customer"] = json!("c-1");
    let mut checkout = Checkout::open_with(&verifier, &owner, request).await;
    assert_eq!(checkout.pay(&verifier, VISA).await.status, 200);
    let session = format!("/v1/sessions/{}", checkout.session_id);
    let session = verifier.call(&owner, "GET", &session, None).await.json();
    let described = verifier.private(waxseal_tests::get("/openapi.json", None));
    let operations = operations(&described.await.json());
    Scene {
        operations,
        owner,
        session_id: checkout.session_id.clone(),
        card_id: session["card"]["id"].as_str().unwrap().to_owned(),
        client_token: checkout.token.clone(),
        verifier,
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap();
    let mut found = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let wants = operation["security"][0].as_object().map(|wants| {
                let (scheme, scopes) = wants.iter().next().unwrap();
                (scheme.clone(), scopes[0].as_str().unwrap().to_owned())
            });
            let tags = operation["tags"].as_array().unwrap();
            let tags = tags.iter().map(|tag| tag.as_str().unwrap().to_owned());
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                listeners: tags.collect(),
                wants,
            });
        }
    }
    assert!(found.len() > 30, "{} operations", found.len());
    found
}

impl Scene {
    /// The path with ids that are there, of the owner's.
    fn path(&self, operation: &Operation) -> String {
        let id = match operation.path.split('/').nth(2) {
            Some("cards") => &self.card_id,
            Some("merchants") => &self.owner.merchant_id,
            Some("sessions") => &self.session_id,
            _ => "1",
        };
        let path = operation.path.replace("{id}", id);
        let path = path.replace("{list}", "blocked_ips");
        path.replace("{reference}", "c-1")
    }

    /// Calls the operation on each of its listeners with a body that no route takes.
    async fn call(&self, operation: &Operation, authorization: Option<&str>) -> Vec<Answer> {
        let mut answers = Vec::new();
        for listener in &operation.listeners {
            answers.push(self.call_on(listener, operation, authorization).await);
        }
        answers
    }

    async fn call_on(
        &self,
        listener: &str,
        operation: &Operation,
        authorization: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(operation.method.as_str())
            .uri(self.path(operation));
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(Body::from("no JSON")).unwrap();
        match listener {
            "console" => self.verifier.console(request).await,
            "private" => self.verifier.private(request).await,
            _ => self.verifier.public(request).await,
        }
    }

    /// The header of the owner's server with a token for everything.
    async fn access_token(&self) -> String {
        let secret = self.owner.client_secret();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", self.owner.client_id()),
            ("client_secret", &secret),
        ];
        let answer = self.verifier.ask_for_token(&fields, None).await.json();
        format!("Bearer {}", answer["access_token"].as_str().unwrap())
    }

    /// Each route that wants a caller of that kind, with its scope.
    fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = (&'s Operation, &'s str)> {
        self.operations.iter().filter_map(move |operation| {
            let (wanted, scope) = operation.wants.as_ref()?;
            (wanted == kind).then_some((operation, scope.as_str()))
        })
    }
}

fn name(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

fn all_but<P: Permission>(scope: &str) -> String {
    let others = P::NAMES.iter().map(|(_, name)| *name);
    let others: Vec<_> = others.filter(|name| *name != scope).collect();
    others.join(" ")
}

#[tokio::test]
async fn a_route_that_asks_for_nobody_is_meant_to() {
    let scene = scene().await;
    let open = scene
        .operations
        .iter()
        .filter(|operation| operation.wants.is_none());
    assert_eq!(open.map(name).collect::<Vec<_>>(), FOR_ANYONE);
}

#[tokio::test]
async fn without_a_credential_nothing_is_answered() {
    let scene = scene().await;
    let strange = [
        "",
        "Basic",
        "Basic eA==",
        "Basic eDp4",
        "Bearer x",
        "DPoP x",
    ];
    for operation in &scene.operations {
        let Some((kind, _)) = &operation.wants else {
            continue;
        };
        let wanted = match kind.as_str() {
            "client_token" => "client_token_invalid",
            _ => "unauthenticated",
        };
        for authorization in std::iter::once(None).chain(strange.map(Some)) {
            for answer in scene.call(operation, authorization).await {
                let what = format!("{} {authorization:?}", name(operation));
                assert_eq!(answer.problem(), wanted, "{what}");
                assert_eq!(answer.status, 401, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_caller_without_the_scope_is_told_so_before_anything_of_its_body() {
    let scene = scene().await;
    for (operation, scope) in scene.of_kind("client") {
        let others = Scopes::parse(&all_but::<Scope>(scope));
        let weak = scene.verifier.shop_with(Mode::Test, ORIGIN, &others).await;
        for answer in scene.call(operation, Some(weak.authorization())).await {
            assert_eq!(answer.problem(), "forbidden", "{}", name(operation));
            assert_eq!(answer.status, 403);
        }
    }
    for (operation, scope) in scene.of_kind("operator") {
        let weak = Staff::hire(&scene.verifier, &all_but::<OperatorScope>(scope)).await;
        for answer in scene.call(operation, Some(&weak.authorization())).await {
            assert_eq!(answer.problem(), "forbidden", "{}", name(operation));
        }
    }
    let reasons = scene
        .verifier
        .database
        .texts("SELECT DISTINCT reason FROM audit WHERE action = 'auth.forbidden' ORDER BY reason");
    let mut scopes: Vec<_> = Scope::NAMES.iter().map(|(_, name)| *name).collect();
    scopes.extend(OperatorScope::NAMES.iter().map(|(_, name)| *name));
    scopes.sort_unstable();
    assert_eq!(reasons, scopes, "every scope is some route's");
}

#[tokio::test]
async fn a_caller_of_another_kind_is_nobody() {
    let scene = scene().await;
    let everything = all_but::<OperatorScope>("");
    let staff = Staff::hire(&scene.verifier, &everything).await;
    let bearer = format!("Bearer {}", scene.client_token);
    let callers = [
        ("client", scene.owner.authorization().to_owned()),
        ("client_token", bearer),
        ("operator", staff.authorization()),
    ];
    for operation in &scene.operations {
        let Some((kind, _)) = &operation.wants else {
            continue;
        };
        for (_, authorization) in callers.iter().filter(|(other, _)| other != kind) {
            for answer in scene.call(operation, Some(authorization)).await {
                answer.problem();
                assert_eq!(answer.status, 401, "{}", name(operation));
            }
        }
    }
}

#[tokio::test]
async fn another_merchants_things_are_not_there() {
    let scene = scene().await;
    let verifier = &scene.verifier;
    let strangers = [
        verifier.shop(Mode::Test, ORIGIN).await,
        verifier.shop(Mode::Live, ORIGIN).await,
    ];
    let before = verifier.row_counts();
    for stranger in &strangers {
        for (operation, _) in scene.of_kind("client") {
            let body = match (operation.method.as_str(), operation.path.as_str()) {
                ("PATCH", _) => Some(json!({ "rev": 1 })),
                ("POST", "/v1/assessments" | "/v1/outcomes") | (_, "/v1/sessions") => continue,
                _ => None,
            };
            let path = scene.path(operation);
            let answer = verifier
                .call(stranger, &operation.method, &path, body)
                .await;
            match operation.path.contains('{') {
                true => assert_eq!(answer.problem(), "not_found", "{}", name(operation)),
                false => assert_eq!(answer.json(), json!({ "data": [] }), "{}", name(operation)),
            }
        }
        let path = "/v1/cards?customer=c-1";
        let answer = verifier.call(stranger, "GET", path, None).await;
        assert_eq!(answer.problem(), "not_found");
        let path = format!(
            "/v1/cards?after={}",
            scene.card_id.replace("card_test_", "card_test_0")
        );
        let answer = verifier.call(stranger, "GET", &path, None).await;
        assert_eq!(answer.json(), json!({ "data": [] }));
    }
    assert_eq!(verifier.row_counts(), before);
    // The control: its owner reads all of it.
    for path in [
        format!("/v1/cards/{}", scene.card_id),
        format!("/v1/sessions/{}", scene.session_id),
        "/v1/customers/c-1/export".to_owned(),
    ] {
        let answer = verifier.call(&scene.owner, "GET", &path, None).await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_route_is_on_its_own_listeners_alone() {
    let scene = scene().await;
    let staff = Staff::hire(&scene.verifier, &all_but::<OperatorScope>("")).await;
    for operation in &scene.operations {
        for listener in ["console", "private", "public"] {
            if operation.listeners.iter().any(|its| its == listener) {
                continue;
            }
            for authorization in [scene.owner.authorization(), &staff.authorization()] {
                let answer = scene
                    .call_on(listener, operation, Some(authorization))
                    .await;
                let code = answer.problem();
                let what = format!("{} on {listener}: {code}", name(operation));
                // A path may be there for another caller.
                assert!(
                    ["method_not_allowed", "not_found"].contains(&&*code),
                    "{what}"
                );
            }
        }
    }
}
