//! The interface's description is the one that is kept beside the code, and what the routers answer.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use waxseal_tests::{Answer, TestVerifier, get};
use waxseal_verifier::{
    interface::{Access, Listener},
    router,
};

const KEPT: &str = include_str!("../../verifier/openapi.json");

fn document() -> Value {
    serde_json::from_slice(&router::document().json()).unwrap()
}

#[test]
fn the_copy_that_is_kept_is_the_document() {
    let json = router::document().json();
    assert!(
        KEPT.as_bytes() == json.as_ref(),
        "cargo run -p waxseal-verifier -- openapi > verifier/openapi.json"
    );
}

#[tokio::test]
async fn it_is_served_where_programs_and_operators_call() {
    let verifier = TestVerifier::start().await;
    let request = || get("/openapi.json", None);
    for answer in [
        verifier.private(request()).await,
        verifier.console(request()).await,
    ] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.text, KEPT);
    }
    assert_eq!(verifier.public(request()).await.problem(), "not_found");
}

#[test]
fn a_handler_takes_the_caller_that_its_route_lets_in() {
    for listener in Listener::ALL {
        for route in router::routes(listener) {
            let what = format!("{} {}", route.method, route.path);
            assert_eq!(route.sketch.caller, route.access.kind(), "{what}");
            assert!(route.sketch.success.is_some(), "{what}");
        }
    }
}

#[test]
fn every_route_says_in_the_document_who_may_call_it() {
    let document = document();
    for listener in Listener::ALL {
        for route in router::routes(listener) {
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][route.path][&method];
            let what = format!("{method} {}", route.path);
            let tags = operation["tags"].as_array().unwrap();
            assert!(tags.contains(&json!(listener.as_str())), "{what}");
            assert_eq!(operation["operationId"], route.about.id, "{what}");
            let of = |schemes: &[&str]| {
                let scope = route.access.scope();
                schemes
                    .iter()
                    .map(|scheme| json!({ *scheme: [scope] }))
                    .collect()
            };
            let wanted = match route.access {
                Access::Anyone => Value::Null,
                Access::Frame => json!([{ "client_token": ["card:seal"] }]),
                Access::Operator(_) => of(&["operator", "access_token", "bound_access_token"]),
                Access::Server(_) => of(&[
                    "client",
                    "client_certificate",
                    "access_token",
                    "bound_access_token",
                ]),
            };
            assert_eq!(operation["security"], wanted, "{what}");
        }
    }
}

#[tokio::test]
async fn a_method_that_is_not_described_is_not_there() {
    let verifier = TestVerifier::start().await;
    let document = document();
    let call = async |listener: &str, method: &str, path: &str| -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::empty()).unwrap();
        match listener {
            "console" => verifier.console(request).await,
            "private" => verifier.private(request).await,
            _ => verifier.public(request).await,
        }
    };
    for (path, methods) in document["paths"].as_object().unwrap() {
        for listener in Listener::ALL.map(Listener::as_str) {
            let is_there = |method: &str| {
                let tags = methods[method.to_lowercase()]["tags"].as_array();
                tags.is_some_and(|tags| tags.contains(&json!(listener)))
            };
            let all = ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
            let path_is_there = all.into_iter().any(is_there);
            for method in all {
                let status = call(listener, method, path).await.status;
                let what = format!("{method} {path} on {listener}: {status}");
                match (path_is_there, is_there(method)) {
                    (true, true) => assert!(status != 405 && status != 500, "{what}"),
                    (true, false) => assert_eq!(status, 405, "{what}"),
                    (false, _) => assert_eq!(status, 404, "{what}"),
                }
            }
        }
    }
}
