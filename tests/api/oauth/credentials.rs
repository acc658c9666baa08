//! Tokens end with what they were given for, and are of no use beside another's certificate.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::{Answer, Shop, Staff, TestPki, TestVerifier, form_encoded};
use waxseal_verifier::{
    clock::Clock,
    http::ClientCertificate,
    identity::oauth::{Credentials, as_registered},
    mode::Mode,
    store::{StoreError, Tx, client_auths, client_certificates},
};

use super::{access_token::token, error, get_with};

const ORIGIN: &str = "https://shop.example";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
}

impl Scene {
    async fn open() -> Self {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        Self { verifier, shop }
    }

    async fn status(&self, token: &str) -> u16 {
        let answer = get_with(&self.verifier, "/v1/cards", &format!("Bearer {token}")).await;
        answer.status.as_u16()
    }

    async fn change<F>(&self, change: F)
    where
        F: FnOnce(&Tx<'_>, &str) -> Result<(), StoreError> + Send + 'static,
    {
        let id = self.shop.client_id.clone();
        let changed = self
            .verifier
            .app
            .store
            .write("change", move |tx| change(tx, &id));
        changed.await.unwrap();
        // Another process's change is seen after some seconds.
        self.verifier.clock.advance_millis(5000);
    }

    /// Gives the secret that the client has from now on, within the same instant.
    async fn rotate(&self) -> Shop {
        let staff = Staff::hire(&self.verifier, "clients:write").await;
        let path = format!("/v1/clients/{}/rotate", self.shop.client_id);
        let rotated = staff.call(&self.verifier, "POST", &path, None).await;
        assert_eq!(rotated.status, 200, "{}", rotated.text);
        let rotated = rotated.json();
        let secret = rotated["client_secret"].as_str().unwrap();
        let merchant = self.shop.merchant_id.clone();
        Shop::new(merchant, ORIGIN, &self.shop.client_id, secret)
    }
}

#[tokio::test]
async fn a_token_of_the_second_of_a_rotation_is_of_the_former_secret_or_of_the_next() {
    let scene = Scene::open().await;
    let before = token(&scene.verifier, &scene.shop).await;
    let next = scene.rotate().await;
    assert_eq!(scene.status(&before).await, 401);
    let after = token(&scene.verifier, &next).await;
    assert_eq!(scene.status(&after).await, 200);
    let logged = "SELECT reason FROM audit WHERE action = 'auth.failed'";
    let logged = scene.verifier.database.texts(logged);
    assert_eq!(logged, ["client_credentials_changed"]);
}

#[tokio::test]
async fn who_proved_itself_before_a_rotation_gets_no_token_that_outlives_it() {
    let scene = Scene::open().await;
    let app = &scene.verifier.app;
    let (id, secret) = (scene.shop.client_id.clone(), scene.shop.client_secret());
    let credentials = Credentials::Secret(id, secret.into());
    let now = scene.verifier.clock.now();
    let proved =
        app.authorization
            .authenticate(&app.store, credentials, None, &app.client_secrets, now);
    let proved = proved
        .await
        .unwrap_or_else(|_| panic!("the secret is right"));
    let waxseal_verifier::identity::oauth::Authenticated::Server(client) = proved else {
        panic!("a server");
    };
    scene.rotate().await;
    scene.verifier.clock.advance_millis(5000);
    let (keyring, now) = (app.keyring(), scene.verifier.clock.now());
    let issued = app.authorization.issue_to_server(
        &app.store,
        &keyring,
        &client,
        None,
        (None, None),
        "req_1".to_owned(),
        now,
        &*app.rng,
    );
    let issued = serde_json::to_value(issued.await.expect("a token")).unwrap();
    let token = issued["access_token"].as_str().unwrap();
    assert_eq!(scene.status(token).await, 401);
}

#[tokio::test]
async fn no_token_outlives_a_change_of_how_its_client_proves_itself() {
    let scene = Scene::open().await;
    let now = scene.verifier.clock.now();
    let auth = as_registered(&scene.shop.client_id, None, &["A".repeat(43)]).unwrap();
    let before = token(&scene.verifier, &scene.shop).await;
    scene
        .change(move |tx, _| client_auths::put(tx, &auth))
        .await;
    assert_eq!(scene.status(&before).await, 401, "another method");
    scene.change(client_auths::delete).await;
    let before = token(&scene.verifier, &scene.shop).await;
    scene
        .change(move |tx, id| client_certificates::bind(tx, id, "dns:shop", now))
        .await;
    assert_eq!(scene.status(&before).await, 401, "a certificate");
    scene
        .change(|tx, id| client_certificates::unbind(tx, id, "dns:shop").map(drop))
        .await;
    assert_eq!(scene.status(&before).await, 401, "and none again");
    let after = token(&scene.verifier, &scene.shop).await;
    assert_eq!(scene.status(&after).await, 200);
}

#[tokio::test]
async fn with_a_certificate_that_is_one_clients_nobody_else_comes_with_a_token_either() {
    let scene = Scene::open().await;
    let verifier = &scene.verifier;
    let other = verifier.shop(Mode::Test, ORIGIN).await;
    let pki = TestPki::new(verifier.clock.now(), 13);
    let clock = Arc::clone(&verifier.clock);
    let theirs = pki.presented(&pki.client("theirs"), clock);
    let staff = Staff::hire(verifier, "keys:read").await;
    let token = token(verifier, &scene.shop).await;
    let bearer = format!("Bearer {token}");
    let grant = form_encoded(&[("grant_type", "client_credentials")]);
    let ask = async || {
        let request = post("/oauth/token", scene.shop.authorization(), &theirs, &grant);
        verifier.private(request).await
    };
    let call = async || verifier.private(get("/v1/cards", &bearer, &theirs)).await;
    let operate = async || {
        let request = get("/v1/keys", &staff.authorization(), &theirs);
        verifier.console(request).await
    };
    let all: [Answer; 3] = [ask().await, call().await, operate().await];
    assert!(all.iter().all(|answer| answer.status == 200), "nobody's");
    let (id, now) = (other.client_id.clone(), verifier.clock.now());
    let bound = verifier.app.store.write("bind", move |tx| {
        client_certificates::bind(tx, &id, "dns:theirs", now)
    });
    bound.await.unwrap();
    assert_eq!(error(&ask().await), "invalid_client");
    assert_eq!(call().await.problem(), "unauthenticated");
    assert_eq!(operate().await.problem(), "unauthenticated");
}

fn get(path: &str, authorization: &str, certificate: &ClientCertificate) -> Request<Body> {
    let request = Request::builder()
        .uri(path)
        .header(header::AUTHORIZATION, authorization)
        .extension(certificate.clone());
    request.body(Body::empty()).unwrap()
}

fn post(
    path: &str,
    authorization: &str,
    certificate: &ClientCertificate,
    body: &str,
) -> Request<Body> {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(certificate.clone());
    request.body(Body::from(body.to_owned())).unwrap()
}
