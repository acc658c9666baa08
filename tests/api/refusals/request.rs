//! Requests that are refused before their envelope is looked at.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;
use waxseal_tests::VISA;

use super::{LOGGED, NOTHING, ORIGIN, scene};

fn post(token: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method("POST")
        .uri("/v1/session/card")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_request_of_another_form_is_refused_before_it_is_looked_at() {
    let mut scene = scene().await;
    let envelope = scene.checkout.fresh(VISA);
    let token = scene.checkout.token.clone();
    let good = json!({ "envelope": envelope }).to_string();
    let twice = format!("{{\"envelope\":\"a\",\"envelope\":{}}}", json!(envelope));
    for (content_type, body, code) in [
        ("text/plain", good.clone(), "unsupported_media_type"),
        (
            "application/jose",
            envelope.clone(),
            "unsupported_media_type",
        ),
        ("", good.clone(), "unsupported_media_type"),
        (
            "application/json",
            json!({ "envelope": envelope, "x": 1 }).to_string(),
            "request_invalid",
        ),
        ("application/json", json!({}).to_string(), "request_invalid"),
        (
            "application/json",
            json!({ "envelope": 1 }).to_string(),
            "request_invalid",
        ),
        (
            "application/json",
            json!([envelope]).to_string(),
            "request_invalid",
        ),
        ("application/json", twice, "request_invalid"),
        (
            "application/json",
            good[..good.len() - 1].to_owned(),
            "request_invalid",
        ),
        ("application/json", String::new(), "request_invalid"),
        ("application/json", "[".repeat(10_000), "request_invalid"),
        (
            "application/json",
            format!("\"{}\"", "a".repeat(1_000_000)),
            "body_too_large",
        ),
    ] {
        scene
            .refused(post(&token, content_type, body), code, NOTHING)
            .await;
    }
    let announced = Request::builder()
        .method("POST")
        .uri("/v1/session/card")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, "1000000")
        .body(Body::empty())
        .unwrap();
    scene.refused(announced, "body_too_large", NOTHING).await;
}

#[tokio::test]
async fn a_bad_client_token_is_refused_and_logged() {
    let mut scene = scene().await;
    let envelope = scene.checkout.fresh(VISA);
    let body = json!({ "envelope": envelope }).to_string();
    for token in ["", "x", "a.b.c"] {
        let request = post(token, "application/json", body.clone());
        scene.refused(request, "client_token_invalid", LOGGED).await;
    }
    let without = Request::builder()
        .method("POST")
        .uri("/v1/session/card")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.clone()))
        .unwrap();
    scene.refused(without, "client_token_invalid", LOGGED).await;
    scene.verifier.clock.advance_millis(15 * 60 * 1000);
    let request = post(&scene.checkout.token, "application/json", body);
    scene.refused(request, "client_token_expired", LOGGED).await;
}

#[tokio::test]
async fn a_request_from_another_page_is_refused() {
    let mut scene = scene().await;
    let envelope = scene.checkout.fresh(VISA);
    for (name, value) in [
        ("origin", ORIGIN),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let mut request = scene.checkout.request(&envelope);
        request.headers_mut().insert(name, value.parse().unwrap());
        scene.refused(request, "origin_not_allowed", LOGGED).await;
    }
}
