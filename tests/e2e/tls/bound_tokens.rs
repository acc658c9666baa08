//! Tokens that are bound to a certificate or to a key (RFC 8705 section 3, RFC 9449), stolen and used over TLS.

use waxseal_tests::{Browser, Consent, DpopKey, Person, Program};
use waxseal_verifier::{
    clock::Clock, identity::oauth::as_registered, pki::Issued, store::client_auths,
};

use super::{Scene, status};

/// As the verifier is configured; what a caller writes as `host` says nothing.
const KEYS: &str = "https://127.0.0.1:8788/v1/keys";

impl Scene {
    /// Has the shop's server get tokens by that certificate.
    async fn register(&self, client_id: &str, issued: &Issued) {
        let clock = std::sync::Arc::clone(&self.verifier.clock);
        let digest = self.pki.presented(issued, clock).x5t_s256();
        let auth = as_registered(client_id, None, &[digest]).unwrap();
        let stored = self
            .verifier
            .app
            .store
            .write("register", move |tx| client_auths::put(tx, &auth));
        stored.await.unwrap();
    }

    /// The answer to a request for a token on a connection with that certificate.
    async fn token(&self, client_id: &str, issued: &Issued, more: &str) -> String {
        let mut connected = self.connect(self.caller(Some(issued))).await.unwrap();
        let body = format!("grant_type=client_credentials&client_id={client_id}");
        let head = format!(
            "POST /oauth/token HTTP/1.1\r\nhost: localhost\r\n{more}content-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{body}",
            body.len()
        );
        connected.send(&head).await.unwrap()
    }

    /// The status of the cards, asked for with these headers on a connection with that certificate.
    async fn cards(&self, issued: &Issued, headers: &str) -> String {
        let mut connected = self.connect(self.caller(Some(issued))).await.unwrap();
        let request = format!("GET /v1/cards HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
        status(&connected.send(&request).await.unwrap()).to_owned()
    }
}

fn access_token(answer: &str) -> &str {
    let (_, after) = answer.split_once("\"access_token\":\"").unwrap();
    after.split('"').next().unwrap()
}

#[tokio::test]
async fn a_stolen_token_is_of_no_use_on_a_connection_of_another_certificate() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    let [own, thiefs] = ["own", "thiefs"].map(|name| scene.pki.client(name));
    scene.register(&shop.client_id, &own).await;
    let refused = scene.token(&shop.client_id, &thiefs, "").await;
    assert_eq!(status(&refused), "401", "{refused}");
    let answer = scene.token(&shop.client_id, &own, "").await;
    assert_eq!(status(&answer), "200", "{answer}");
    let bearer = format!("authorization: Bearer {}\r\n", access_token(&answer));
    assert_eq!(scene.cards(&own, &bearer).await, "200");
    assert_eq!(scene.cards(&thiefs, &bearer).await, "401");
    // The thief's certificate is good for its own merchant, and not for this token.
    let other = scene
        .verifier
        .shop(waxseal_verifier::mode::Mode::Test, "https://other.example")
        .await;
    scene.register(&other.client_id, &thiefs).await;
    let thiefs_own = scene.token(&other.client_id, &thiefs, "").await;
    let thiefs_own = format!("authorization: Bearer {}\r\n", access_token(&thiefs_own));
    assert_eq!(scene.cards(&thiefs, &thiefs_own).await, "200");
    assert_eq!(scene.cards(&thiefs, &bearer).await, "401");
}

#[tokio::test]
async fn a_token_of_a_key_needs_a_proof_of_its_own_for_each_request() {
    let scene = Scene::open().await;
    let verifier = &scene.verifier;
    let person = Person::add(verifier, "ann", None, "keys:read").await;
    let program = Program::add(verifier, "keys:read").await;
    let consent = Consent::of(&program, "keys:read");
    let code = Browser::default()
        .consent(verifier, &person, &consent)
        .await;
    let (key, thiefs) = (DpopKey::make(), DpopKey::make());
    let fields = consent.redemption(&program, &code);
    let answer = verifier.ask_for_token(&fields, Some(&key)).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let certificate = scene.pki.client("operators");
    let ask = async |headers: String| {
        let caller = scene.caller(Some(&certificate));
        let mut connected = scene.connect(caller).await.unwrap();
        let request = format!("GET /v1/keys HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
        status(&connected.send(&request).await.unwrap()).to_owned()
    };
    let now = verifier.clock.now().seconds();
    let with = |proof: &str| format!("authorization: DPoP {token}\r\ndpop: {proof}\r\n");
    let prove = |key: &DpopKey, method: &str, uri: &str| key.prove(method, uri, Some(token), now);
    let proof = prove(&key, "GET", KEYS);
    assert_eq!(ask(with(&proof)).await, "200");
    for (what, headers) in [
        ("the same proof again", with(&proof)),
        ("no proof", format!("authorization: DPoP {token}\r\n")),
        (
            "as a bearer's",
            format!("authorization: Bearer {token}\r\n"),
        ),
        ("another key", with(&prove(&thiefs, "GET", KEYS))),
        ("another method", with(&prove(&key, "POST", KEYS))),
        (
            "plain HTTP",
            with(&prove(&key, "GET", &KEYS.replace("https", "http"))),
        ),
        (
            "two proofs",
            with(&format!("{0}\r\ndpop: {0}", prove(&key, "GET", KEYS))),
        ),
    ] {
        assert_eq!(ask(headers).await, "401", "{what}");
    }
    assert_eq!(ask(with(&prove(&key, "GET", KEYS))).await, "200");
}

#[tokio::test]
async fn a_token_of_a_certificate_is_made_none_of_a_key_by_a_proof() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    let [own, thiefs] = ["own", "thiefs"].map(|name| scene.pki.client(name));
    scene.register(&shop.client_id, &own).await;
    let answer = scene.token(&shop.client_id, &own, "").await;
    let token = access_token(&answer);
    let now = scene.verifier.clock.now().seconds();
    let proof = DpopKey::make().prove("GET", "https://127.0.0.1:8788/v1/cards", Some(token), now);
    let headers = format!("authorization: DPoP {token}\r\ndpop: {proof}\r\n");
    for caller in [&own, &thiefs] {
        assert_eq!(scene.cards(caller, &headers).await, "401");
    }
}
