//! The two callers: a shop's server and the frame in a browser.

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use waxseal_protocol::{
    message::{SealingJwk, SubmitRequest},
    seal::{Header, INFO, PLAINTEXT_LEN, SealedCard, SealingKey, TYP, make_jti, seal, suite},
};
use waxseal_verifier::clock::Clock;

use crate::{Answer, SeededRng, TestVerifier, card, sealed};

/// A merchant's server.
pub struct Shop {
    /// The merchant's id.
    pub merchant_id: String,
    /// Its server's id.
    pub client_id: String,
    /// Its registered origin.
    pub origin: String,
    client_secret: String,
    authorization: String,
}

/// A session as the frame holds it, with the parts of the next envelope to change.
pub struct Checkout {
    /// The client token.
    pub token: String,
    /// The next envelope's header.
    pub header: Header,
    /// The session's id.
    pub session_id: String,
    /// The key to seal to.
    pub key: SealingJwk,
    rng: SeededRng,
}

impl Shop {
    /// From a client's credentials.
    pub fn new(merchant_id: String, origin: &str, client_id: &str, secret: &str) -> Self {
        let credentials = STANDARD.encode(format!("{client_id}:{secret}"));
        let authorization = format!("Basic {credentials}");
        Self {
            merchant_id,
            client_id: client_id.to_owned(),
            origin: origin.to_owned(),
            client_secret: secret.to_owned(),
            authorization,
        }
    }

    /// Value of the `Authorization` header.
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// Its client's id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Its client's secret.
    pub fn client_secret(&self) -> String {
        self.client_secret.clone()
    }

    /// A session request over 19.99 US dollars, shipped to Germany.
    pub fn session_request(&self) -> Value {
        json!({
            "amount": 1999,
            "currency": "USD",
            "order_id": "order-1",
            "origin": self.origin,
            "shipping_country": "DE",
        })
    }
}

impl Checkout {
    /// Creates a session over 19.99 US dollars.
    pub async fn open(verifier: &TestVerifier, shop: &Shop) -> Self {
        Self::open_with(verifier, shop, shop.session_request()).await
    }

    /// Creates a session from `request`.
    pub async fn open_with(verifier: &TestVerifier, shop: &Shop, request: Value) -> Self {
        let created = verifier
            .call(shop, "POST", "/v1/sessions", Some(request))
            .await;
        assert_eq!(created.status, 201, "{}", created.text);
        let created = created.json();
        let token = created["client_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        Self::from_token(verifier, token).await
    }

    /// What the frame does with a client token: reads the session and the keys.
    pub async fn from_token(verifier: &TestVerifier, token: String) -> Self {
        let view = verifier
            .public(get("/v1/session", Some(&token)))
            .await
            .json();
        let keys = verifier
            .public(get("/.well-known/jwks.json", None))
            .await
            .json();
        let kid = view["kid"].as_str().expect("a kid");
        let key = keys["keys"]
            .as_array()
            .expect("keys")
            .iter()
            .find(|key| key["kid"] == kid)
            .expect("the session's key is published");
        let key = serde_json::from_value(key.clone()).expect("a key");
        Self::new(token, &view, key, verifier.clock.now().seconds())
    }

    /// From what the public listener answered, at a time in seconds.
    pub fn new(token: String, view: &Value, key: SealingJwk, iat: u64) -> Self {
        let session_id = view["id"].as_str().expect("an id").to_owned();
        let seed = hash(&token);
        let mut rng = SeededRng::new(seed);
        let header = Header {
            kid: key.kid.clone(),
            sid: session_id.clone(),
            rev: u32::try_from(view["rev"].as_u64().expect("a rev")).expect("small"),
            org: view["origin"].as_str().expect("an origin").to_owned(),
            iat,
            jti: make_jti(&mut rng),
            bld: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        };
        Self {
            token,
            header,
            session_id,
            key,
            rng,
        }
    }

    /// Seals `card` under the header as it stands.
    pub fn seal(&mut self, card: &SealedCard) -> String {
        let key = SealingKey::from_jwk(&self.key, &self.key.kid).expect("a key");
        seal(&key, &self.header, card, &mut self.rng).expect("it seals")
    }

    /// Seals any text under the header as it stands, as no honest client would.
    pub fn seal_text(&mut self, text: &str) -> String {
        let header =
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.written_header()).expect("JSON"));
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let point = [&[4], &*coordinate(&self.key.x), &coordinate(&self.key.y)].concat();
        let point = point.try_into().expect("65 bytes");
        let mut buffer = vec![b' '; PLAINTEXT_LEN];
        buffer[..text.len()].copy_from_slice(text.as_bytes());
        let (enc, tag) = suite::seal(&point, INFO, header.as_bytes(), &mut buffer, &mut self.rng)
            .expect("sealed");
        buffer.extend_from_slice(&tag);
        let [enc, sealed] = [enc.as_slice(), &buffer].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{enc}..{sealed}.")
    }

    fn written_header(&self) -> Value {
        let header = &self.header;
        json!({
            "alg": "HPKE-7", "typ": TYP, "kid": header.kid, "sid": header.sid, "rev": header.rev,
            "org": header.org, "iat": header.iat, "jti": header.jti, "bld": header.bld,
        })
    }

    /// Seals a card of `number` with a jti of its own and submits it.
    pub async fn pay(&mut self, verifier: &TestVerifier, number: &str) -> Answer {
        let envelope = self.fresh(number);
        self.submit(verifier, &envelope).await
    }

    /// Seals a card of `number` with a jti of its own.
    pub fn fresh(&mut self, number: &str) -> String {
        self.header.jti = make_jti(&mut self.rng);
        self.seal(&sealed(card(number)))
    }

    /// Submits an envelope.
    pub async fn submit(&self, verifier: &TestVerifier, envelope: &str) -> Answer {
        verifier.public(self.request(envelope)).await
    }

    /// The request that submits an envelope.
    pub fn request(&self, envelope: &str) -> Request<Body> {
        self.request_with_challenge(envelope, None)
    }

    /// The same with what a captcha gave the browser.
    pub fn request_with_challenge(&self, envelope: &str, token: Option<&str>) -> Request<Body> {
        let body = serde_json::to_string(&SubmitRequest {
            envelope: envelope.to_owned(),
            challenge: token.map(str::to_owned),
        });
        Request::builder()
            .method("POST")
            .uri("/v1/session/card")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.expect("JSON")))
            .expect("a request")
    }
}

/// A `GET`, with a bearer token or without.
pub fn get(path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(Body::empty()).expect("a request")
}

/// A seed of its own for each token.
fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(8)
        .fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}
