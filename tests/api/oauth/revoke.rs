//! What is taken back is of no use at once.

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::{Answer, Program, TestVerifier, form_encoded};
use waxseal_verifier::mode::Mode;

use super::{OPERATOR, Scene, get_with, text};

pub(super) async fn revoke(
    verifier: &TestVerifier,
    authorization: Option<&str>,
    fields: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder()
        .method("POST")
        .uri("/oauth/revoke")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let body = Body::from(form_encoded(fields));
    verifier.console(request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_family_along() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    assert_eq!(scene.list_keys(access).await.status, 200);
    // Another program's word counts for nothing.
    let other = Program::add(&scene.verifier, OPERATOR).await;
    for (client, status) in [(&other, 200), (&scene.program, 401)] {
        let fields = [("client_id", client.id.as_str()), ("token", refresh)];
        let answer = revoke(&scene.verifier, None, &fields).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
        assert_eq!(scene.list_keys(access).await.status, status);
    }
    assert_eq!(scene.refresh(refresh).await.status, 400);
    for token in ["", "x", "rft_1.x", refresh] {
        let fields = [("client_id", scene.program.id.as_str()), ("token", token)];
        let answer = revoke(&scene.verifier, None, &fields).await;
        assert_eq!(
            answer.status,
            if token.is_empty() { 400 } else { 200 },
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_revoked_access_token_is_refused_though_it_was_checked_before() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let other = verifier.shop(Mode::Test, "https://other.example").await;
    let secret = shop.client_secret();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shop.client_id()),
        ("client_secret", &secret),
    ];
    let tokens = verifier.ask_for_token(&fields, None).await.json();
    let token = text(&tokens, "access_token");
    let bearer = format!("Bearer {token}");
    for (caller, status) in [(&other, 200), (&shop, 401)] {
        assert_eq!(get_with(&verifier, "/v1/cards", &bearer).await.status, 200);
        let answer = revoke(&verifier, Some(caller.authorization()), &[("token", token)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            get_with(&verifier, "/v1/cards", &bearer).await.status,
            status
        );
    }
    let wrong = revoke(&verifier, Some("Basic eDp4"), &[("token", token)]).await;
    assert_eq!(wrong.status, 401);
}

#[tokio::test]
async fn another_verifier_follows_within_five_seconds() {
    let verifier = TestVerifier::start().await;
    let beside = verifier.beside().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let secret = shop.client_secret();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shop.client_id()),
        ("client_secret", &secret),
    ];
    let tokens = verifier.ask_for_token(&fields, None).await.json();
    let token = text(&tokens, "access_token");
    let bearer = format!("Bearer {token}");
    assert_eq!(get_with(&beside, "/v1/cards", &bearer).await.status, 200);
    revoke(&verifier, Some(shop.authorization()), &[("token", token)]).await;
    verifier.clock.advance_millis(5000);
    assert_eq!(get_with(&beside, "/v1/cards", &bearer).await.status, 401);
}

#[tokio::test]
async fn scopes_that_are_taken_away_are_gone_from_tokens_too() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let access = text(&tokens, "access_token");
    assert_eq!(scene.list_keys(access).await.status, 200);
    scene
        .verifier
        .database
        .run(&["UPDATE user_account SET scopes = 'cards:reveal'"]);
    scene.verifier.clock.advance_millis(5000);
    assert_eq!(scene.list_keys(access).await.problem(), "forbidden");
}

#[tokio::test]
async fn tokens_of_a_client_that_was_revoked_or_got_another_secret_are_refused() {
    let verifier = TestVerifier::start().await;
    let staff = waxseal_tests::Staff::hire(&verifier, "clients:write").await;
    for change in ["revoke", "rotate"] {
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        let secret = shop.client_secret();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", shop.client_id()),
            ("client_secret", &secret),
        ];
        let tokens = verifier.ask_for_token(&fields, None).await.json();
        let bearer = format!("Bearer {}", text(&tokens, "access_token"));
        assert_eq!(get_with(&verifier, "/v1/cards", &bearer).await.status, 200);
        // Times in tokens are of whole seconds.
        verifier.clock.advance_millis(1000);
        let path = format!("/v1/clients/{}/{change}", shop.client_id());
        let changed = staff.call(&verifier, "POST", &path, None).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(get_with(&verifier, "/v1/cards", &bearer).await.status, 401);
        let again = verifier.ask_for_token(&fields, None).await;
        assert_eq!(super::error(&again), "invalid_client");
        if let Some(next) = changed.json()["client_secret"].as_str() {
            let fields = [fields[0], fields[1], ("client_secret", next)];
            let tokens = verifier.ask_for_token(&fields, None).await.json();
            let bearer = format!("Bearer {}", text(&tokens, "access_token"));
            assert_eq!(get_with(&verifier, "/v1/cards", &bearer).await.status, 200);
        }
    }
}

#[tokio::test]
async fn what_takes_nothing_back_has_nothing_looked_up_anew() {
    let mut scene = Scene::open().await;
    let tokens = scene.tokens().await;
    let access = text(&tokens, "access_token");
    assert_eq!(scene.list_keys(access).await.status, 200);
    // Unseen by this process for some seconds.
    scene
        .verifier
        .database
        .run(&["UPDATE oauth_grant SET revoked_at = 1"]);
    let refresh = text(&tokens, "refresh_token").to_owned();
    for token in ["x", "rft_1.x", &refresh] {
        let fields = [("client_id", scene.program.id.as_str()), ("token", token)];
        assert_eq!(revoke(&scene.verifier, None, &fields).await.status, 200);
        assert_eq!(scene.refresh(token).await.status, 400);
        assert_eq!(scene.list_keys(access).await.status, 200, "{token}");
    }
}
