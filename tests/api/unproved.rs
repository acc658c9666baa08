//! Why credentials prove nobody: one answer for the caller, the reason for the audit.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use waxseal_tests::{Shop, TestPki, TestVerifier};
use waxseal_verifier::{
    clock::Clock,
    http::ClientCertificate,
    mode::Mode,
    store::{client_certificates, clients},
};

const ORIGIN: &str = "https://shop.example";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    pki: TestPki,
}

impl Scene {
    async fn open() -> Self {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        let pki = TestPki::new(verifier.clock.now(), 11);
        Self {
            verifier,
            shop,
            pki,
        }
    }

    fn certificate(&self, name: &str) -> ClientCertificate {
        let clock = Arc::clone(&self.verifier.clock);
        self.pki.presented(&self.pki.client(name), clock)
    }

    async fn bind(&self, certificate: &ClientCertificate) {
        let (id, pin) = (
            self.shop.client_id.clone(),
            certificate.identifiers()[0].clone(),
        );
        let now = self.verifier.clock.now();
        let bound = self.verifier.app.store.write("bind", move |tx| {
            client_certificates::bind(tx, &id, &pin, now)
        });
        bound.await.unwrap();
    }

    async fn revoke(&self) {
        let (id, now) = (self.shop.client_id.clone(), self.verifier.clock.now());
        let revoked = self.verifier.app.store.write("revoke", move |tx| {
            let mut client = clients::find(tx, &id)?.unwrap();
            client.revoked_at = Some(now);
            clients::update(tx, &client)
        });
        revoked.await.unwrap();
    }

    /// The same bare answer, whatever the reason, which the audit has with the client that was named.
    async fn refused(
        &self,
        path: &str,
        certificate: Option<&ClientCertificate>,
        authorization: Option<&str>,
        wanted: &str,
    ) {
        let mut request = Request::builder().uri(path);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        let answer = self.verifier.private(request).await;
        assert_eq!(answer.status, 401, "{wanted}");
        let mut told = answer.json();
        told.as_object_mut().unwrap().remove("request_id");
        let bare = json!({
            "type": "urn:waxseal:problem:unauthenticated", "code": "unauthenticated", "status": 401,
            "title": "The credentials are missing or not valid.", "actor": "merchant",
        });
        assert_eq!(told, bare, "{wanted}");
        let logged = self.verifier.database.texts(
            "SELECT reason || ' ' || coalesce(client_id, '-') FROM audit
             WHERE action = 'auth.failed' ORDER BY seq DESC LIMIT 1",
        );
        assert_eq!(logged, [wanted]);
    }
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

#[tokio::test]
async fn the_audit_says_why_a_secret_proves_nobody() {
    let scene = Scene::open().await;
    let id = scene.shop.client_id.clone();
    let own = scene.shop.authorization().to_owned();
    let path = "/v1/cards";
    scene
        .refused(path, None, None, "credentials_missing -")
        .await;
    scene
        .refused(path, None, Some("Basic !"), "credentials_malformed -")
        .await;
    let stranger = basic("cli_test_none", "wxs_none");
    scene
        .refused(path, None, Some(&stranger), "client_unknown -")
        .await;
    let guessed = basic(&id, "wxs_guessed");
    let wrong = format!("secret_wrong {id}");
    scene.refused(path, None, Some(&guessed), &wrong).await;
    scene.bind(&scene.certificate("own")).await;
    let missing = format!("certificate_missing {id}");
    scene.refused(path, None, Some(&own), &missing).await;
    scene.revoke().await;
    let revoked = format!("client_revoked {id}");
    scene.refused(path, None, Some(&own), &revoked).await;
}

#[tokio::test]
async fn the_audit_names_a_certificate_that_is_nobodys_so_that_it_can_be_bound() {
    let scene = Scene::open().await;
    let (id, own) = (scene.shop.client_id.clone(), scene.certificate("own"));
    let pin = &own.identifiers()[0];
    let path = "/v1/cards";
    let unbound = format!("certificate_unbound {pin} -");
    scene.refused(path, Some(&own), None, &unbound).await;
    scene.bind(&own).await;
    let next = scene.certificate("next");
    let secret = scene.shop.authorization().to_owned();
    let unbound = format!("certificate_unbound {} {id}", next.identifiers()[0]);
    scene
        .refused(path, Some(&next), Some(&secret), &unbound)
        .await;
    scene.revoke().await;
    scene
        .refused(path, Some(&own), None, &format!("client_revoked {id}"))
        .await;
}

#[tokio::test]
async fn the_audit_says_why_an_operators_secret_proves_nobody() {
    let scene = Scene::open().await;
    let path = "/v1/keys";
    scene
        .refused(path, None, None, "credentials_missing -")
        .await;
    let stranger = basic("opr_none", "wxs_none");
    scene
        .refused(path, None, Some(&stranger), "operator_unknown -")
        .await;
    let malformed = Some("Basic !");
    scene
        .refused(path, None, malformed, "credentials_malformed -")
        .await;
}
