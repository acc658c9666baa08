//! Signing in at an identity provider.

mod arrived;
mod issuer;
mod refused;

use waxseal_tests::{Answer, Browser, Consent, Person, Program, TestVerifier};
use waxseal_verifier::{
    clock::Clock,
    config::IdentityProvider,
    identity::people::{bind, unbind},
    store::users::{self, User},
};

use super::OPERATOR;
use issuer::{CLIENT_ID, CLIENT_SECRET, Issuer};

const SESSION: &str = "__Host-waxseal-session";
const DEPARTED: &str = "__Host-waxseal-departed";
const SUBJECT: &str = "ann at the issuer";

/// A verifier, an issuer that people may sign in at, and a person who is known there.
struct Scene {
    verifier: TestVerifier,
    issuer: Issuer,
    person: Person,
    program: Program,
}

impl Scene {
    async fn open() -> Self {
        let issuer = Issuer::start().await;
        let origin = issuer.origin.clone();
        let verifier = TestVerifier::start_with(|config| {
            let folder = config.assets.dir.parent().unwrap().to_owned();
            let file = folder.join("issuer.secret");
            std::fs::write(&file, format!("{CLIENT_SECRET}\n")).unwrap();
            config.identity_providers = vec![IdentityProvider {
                name: "Example".to_owned(),
                issuer: origin,
                client_id: CLIENT_ID.to_owned(),
                client_secret_file: file,
                require_amr: vec!["mfa".to_owned(), "otp".to_owned()],
            }];
            config.outbound.private_networks = vec!["127.0.0.1/32".parse().unwrap()];
            config.outbound.plain_http_on_loopback = true;
        });
        let verifier = verifier.await;
        let scene = Self {
            person: Person::add(&verifier, "ann", None, OPERATOR).await,
            program: Program::add(&verifier, OPERATOR).await,
            verifier,
            issuer,
        };
        assert!(scene.bind(SUBJECT).await);
        scene
    }

    fn path(&self) -> String {
        Consent::of(&self.program, "keys:read").path()
    }

    async fn user(&self) -> User {
        let id = self.person.id.clone();
        let store = &self.verifier.app.store;
        let found = store.read(move |connection| users::find(connection, &id));
        found.await.unwrap().unwrap()
    }

    async fn bind(&self, subject: &str) -> bool {
        let (store, user) = (&self.verifier.app.store, self.user().await);
        let (issuer, now) = (self.issuer.origin.clone(), self.verifier.clock.now());
        bind(store, &user, issuer, subject.to_owned(), now)
            .await
            .unwrap()
    }

    async fn unbind(&self, subject: &str) -> bool {
        let (store, user) = (&self.verifier.app.store, self.user().await);
        let (issuer, now) = (self.issuer.origin.clone(), self.verifier.clock.now());
        unbind(store, &user, issuer, subject.to_owned(), now)
            .await
            .unwrap()
    }

    /// Sends a browser to the issuer; gives where.
    async fn depart(&self, browser: &mut Browser) -> String {
        let page = browser.get(&self.verifier, &self.path()).await;
        assert!(page.text.contains("Sign in with Example"), "{}", page.text);
        let typed = [("step", "elsewhere"), ("provider", "Example")];
        let answer = browser.submit(&self.verifier, &page, &typed).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        onward(&answer)
    }

    /// Has somebody sign in at the issuer; gives where the browser comes back to.
    async fn travel(&self, browser: &mut Browser) -> String {
        let uri = self.depart(browser).await;
        self.issuer.authorize(&uri, self.verifier.clock.now())
    }

    /// All of it, in a browser of its own.
    async fn sign_in(&self) -> (Browser, Answer) {
        let mut browser = Browser::default();
        let back = self.travel(&mut browser).await;
        let answer = browser.get(&self.verifier, &back).await;
        (browser, answer)
    }

    /// Reasons of failed authentications, in their order.
    fn failures(&self) -> Vec<String> {
        self.verifier
            .database
            .texts("SELECT reason FROM audit WHERE action = 'auth.failed' ORDER BY seq")
    }
}

/// Where a page sends the browser by itself.
fn onward(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("content=\"0;url=").expect("onward");
    rest.split('"').next().unwrap().replace("&#38;", "&")
}
