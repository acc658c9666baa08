//! An issuer of OpenID Connect on the loopback, which says what a test has it say.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::{RawForm, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};
use url::{Url, form_urlencoded};
use waxseal_tests::{CONSOLE_ORIGIN, DpopKey, form_encoded};
use waxseal_verifier::clock::Timestamp;

/// With what an encoding has to keep.
pub(super) const CLIENT_ID: &str = "wax seal:1";
pub(super) const CLIENT_SECRET: &str = "s3cret+/:%";

type Sign = Box<dyn Fn(&DpopKey, Value, Value) -> String + Send>;

pub(super) struct Issuer {
    pub(super) origin: String,
    shared: Arc<Mutex<Said>>,
    task: JoinHandle<()>,
}

pub(super) struct Said {
    pub(super) metadata: Value,
    /// What it signs with, and the header that it signs.
    pub(super) key: DpopKey,
    pub(super) header: Value,
    pub(super) jwks: Vec<Value>,
    /// How often its keys were asked for.
    pub(super) fetched: usize,
    pub(super) sign: Sign,
    /// What it says of whoever signs in, unless a test says otherwise.
    pub(super) claims: Value,
    /// Of each code: the challenge, and the claims of its token.
    codes: HashMap<String, (String, Value)>,
}

impl Issuer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let key = DpopKey::make();
        let said = Said {
            metadata: json!({
                "issuer": origin,
                "authorization_endpoint": format!("{origin}/authorize?tenant=1"),
                "token_endpoint": format!("{origin}/token"),
                "jwks_uri": format!("{origin}/jwks"),
            }),
            header: json!({ "alg": "ES256", "kid": "first" }),
            jwks: vec![published(&key, "first")],
            key,
            fetched: 0,
            sign: Box::new(|key, header, claims| key.sign_with(&header, &claims)),
            claims: json!({
                "iss": origin, "aud": CLIENT_ID, "sub": super::SUBJECT, "amr": ["pwd", "otp"],
            }),
            codes: HashMap::new(),
        };
        let shared = Arc::new(Mutex::new(said));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            origin,
            shared,
            task,
        }
    }

    pub(super) fn said(&self) -> MutexGuard<'_, Said> {
        self.shared.lock().unwrap()
    }

    /// Signs with another key from now on, which it has published.
    pub(super) fn rotate(&self, kid: &str) {
        let mut said = self.said();
        said.key = DpopKey::make();
        said.header["kid"] = json!(kid);
        said.jwks = vec![published(&said.key, kid)];
    }

    /// What the issuer does once somebody has signed in there: where the browser goes.
    pub(super) fn authorize(&self, uri: &str, now: Timestamp) -> String {
        let uri = Url::parse(uri).unwrap();
        assert_eq!(uri.origin().ascii_serialization(), self.origin);
        let query: HashMap<String, String> = uri.query_pairs().into_owned().collect();
        for (name, value) in [
            ("tenant", "1"),
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("scope", "openid"),
            ("max_age", "900"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(query[name], value, "{name}");
        }
        let code = format!("code of {}", query["nonce"]);
        let now_s = now.seconds();
        let mut said = self.said();
        let mut claims = json!({
            "iat": now_s, "exp": now_s + 300, "auth_time": now_s - 60, "nonce": query["nonce"],
        });
        let others = said.claims.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(others);
        let asked = (query["code_challenge"].clone(), claims);
        said.codes.insert(code.clone(), asked);
        let mut back = Url::parse(&query["redirect_uri"]).unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &query["state"]);
        let back = back.to_string();
        back.strip_prefix(CONSOLE_ORIGIN).unwrap().to_owned()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn published(key: &DpopKey, kid: &str) -> Value {
    let mut jwk = key.jwk.clone();
    jwk["kid"] = json!(kid);
    jwk["use"] = json!("sig");
    jwk
}

async fn metadata(State(shared): State<Arc<Mutex<Said>>>) -> Json<Value> {
    Json(shared.lock().unwrap().metadata.clone())
}

async fn jwks(State(shared): State<Arc<Mutex<Said>>>) -> Json<Value> {
    let mut said = shared.lock().unwrap();
    said.fetched += 1;
    Json(json!({ "keys": said.jwks }))
}

async fn token(
    State(shared): State<Arc<Mutex<Said>>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(&form).into_owned().collect();
    let mut said = shared.lock().unwrap();
    // RFC 6749 section 2.3.1.
    let encode = |text| form_encoded(&[("", text)])[1..].to_owned();
    let pair = format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET));
    let basic = format!("Basic {}", STANDARD.encode(pair));
    let is_client = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| *value == *basic);
    let redirect_uri = format!("{CONSOLE_ORIGIN}/oauth/callback/Example");
    let asked = said.codes.remove(&form["code"]);
    let is_good = is_client
        && form["grant_type"] == "authorization_code"
        && form["redirect_uri"] == redirect_uri;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    let (true, Some((_, claims))) = (is_good, asked.filter(|(wanted, _)| *wanted == challenge))
    else {
        return (StatusCode::BAD_REQUEST, "{\"error\":\"invalid_grant\"}").into_response();
    };
    let token = (said.sign)(&said.key, said.header.clone(), claims);
    Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })).into_response()
}
