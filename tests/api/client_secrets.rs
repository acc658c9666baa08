//! Secrets of merchants' servers: what is kept of them, and how what former versions kept goes.

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use waxseal_tests::TestVerifier;
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";
const KEPT: &str = "SELECT secret_hash FROM client";

async fn is_let_in(verifier: &TestVerifier, id: &str, secret: &str) -> bool {
    let credentials = STANDARD.encode(format!("{id}:{secret}"));
    let authorization = format!("Basic {credentials}");
    let request = |method: &str, path: &str, body: &'static str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, &authorization)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    let read = verifier.private(request("GET", "/v1/cards", "")).await;
    let form = "grant_type=client_credentials";
    let token = verifier
        .private(request("POST", "/oauth/token", form))
        .await;
    // Either way in gives the same answer.
    assert_eq!(read.status == 200, token.status == 200, "{}", token.text);
    assert!(matches!(read.status.as_u16(), 200 | 401), "{}", read.text);
    read.status == 200
}

fn is_argon2id(kept: &str) -> bool {
    kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
}

/// As former versions kept it.
fn keep_as_before(verifier: &TestVerifier, secret: &str) {
    let database = &verifier.database;
    let digest = database.literal(&Sha256::digest(secret));
    let changed = database.run(&[&format!(
        "UPDATE client SET secret_hash = NULL, secret_digest = {digest}"
    )]);
    assert_eq!(changed, 1);
}

fn digest(verifier: &TestVerifier) -> Vec<u8> {
    verifier.database.bytes("SELECT secret_digest FROM client")
}

/// A verifier, and the id and the secret of its one client.
async fn start() -> (TestVerifier, String, String) {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let secret = shop.client_secret();
    (verifier, shop.client_id, secret)
}

#[tokio::test]
async fn a_secret_is_kept_as_argon2id_alone() {
    let (verifier, id, secret) = start().await;
    let [kept] = verifier.database.texts(KEPT).try_into().unwrap();
    assert!(is_argon2id(&kept), "{kept}");
    assert!(digest(&verifier).is_empty());
    assert!(is_let_in(&verifier, &id, &secret).await);
    assert!(!is_let_in(&verifier, &id, &secret[1..]).await);
    let unknown = format!("{}0", &id[..id.len() - 1]);
    assert!(!is_let_in(&verifier, &unknown, &secret).await);
    assert_eq!(verifier.database.texts(KEPT), [kept]);
}

#[tokio::test]
async fn a_digest_of_before_is_replaced_when_its_secret_is_used() {
    let (verifier, id, secret) = start().await;
    keep_as_before(&verifier, &secret);
    // By a wrong secret nothing is.
    assert!(!is_let_in(&verifier, &id, "wxs_wrong").await);
    assert_eq!(digest(&verifier).len(), 32);
    assert!(is_let_in(&verifier, &id, &secret).await);
    let [kept] = verifier.database.texts(KEPT).try_into().unwrap();
    assert!(is_argon2id(&kept), "{kept}");
    assert!(digest(&verifier).is_empty());
    // Remembered or, by another verifier, not.
    assert!(is_let_in(&verifier, &id, &secret).await);
    let beside = verifier.beside().await;
    assert!(is_let_in(&beside, &id, &secret).await);
    assert!(!is_let_in(&beside, &id, "wxs_wrong").await);
    assert_eq!(verifier.database.texts(KEPT), [kept]);
}

#[tokio::test]
async fn an_empty_digest_is_nobody_s_secret() {
    let (verifier, id, _) = start().await;
    verifier
        .database
        .run(&["UPDATE client SET secret_hash = NULL"]);
    let credentials = STANDARD.encode(format!("{id}:"));
    let request = Request::builder()
        .uri("/v1/cards")
        .header(header::AUTHORIZATION, format!("Basic {credentials}"));
    let answer = verifier.private(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 500, "{}", answer.text);
}

#[tokio::test]
async fn what_is_remembered_goes_with_the_client_and_its_secret() {
    let (verifier, id, secret) = start().await;
    assert!(is_let_in(&verifier, &id, &secret).await);
    // What another verifier, or a command, changes counts at once too.
    verifier.database.run(&["UPDATE client SET revoked_at = 1"]);
    assert!(!is_let_in(&verifier, &id, &secret).await);
    verifier
        .database
        .run(&["UPDATE client SET revoked_at = NULL"]);
    assert!(is_let_in(&verifier, &id, &secret).await);
    keep_as_before(&verifier, "wxs_another");
    assert!(!is_let_in(&verifier, &id, &secret).await);
    assert!(is_let_in(&verifier, &id, "wxs_another").await);
}
