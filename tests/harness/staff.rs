//! Who runs the verifier.

use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use waxseal_verifier::{
    clock::Clock,
    identity::{Scopes, make_operator},
    store::operators,
};

use crate::{Answer, TestVerifier};

/// An operator with its credentials.
pub struct Staff {
    /// The operator's id.
    pub id: String,
    /// The secret, to search for.
    pub secret: String,
}

impl Staff {
    /// Adds an operator with the scopes of these names.
    pub async fn hire(verifier: &TestVerifier, scopes: &str) -> Self {
        let now = verifier.clock.now();
        let scopes = Scopes::parse(scopes);
        let new = make_operator("Ann".to_owned(), &scopes, now, &*verifier.app.rng);
        let new = new.expect("an operator");
        let (id, secret) = (new.operator.id.clone(), new.secret.to_string());
        let store = &verifier.app.store;
        let stored = store.write("hire", move |tx| operators::insert(tx, &new.operator));
        stored.await.expect("the operator is stored");
        Self { id, secret }
    }

    /// Value of the `Authorization` header.
    pub fn authorization(&self) -> String {
        let credentials = STANDARD.encode(format!("{}:{}", self.id, self.secret));
        format!("Basic {credentials}")
    }

    /// Sends a request to the console's listener.
    pub async fn call(
        &self,
        verifier: &TestVerifier,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let request = request(&self.authorization(), method, path, body);
        verifier.console(request).await
    }

    /// Sends a `POST` under an idempotency key.
    pub async fn post_once(
        &self,
        verifier: &TestVerifier,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Answer {
        let mut request = request(&self.authorization(), "POST", path, Some(body.clone()));
        let key = HeaderValue::from_bytes(key.as_bytes()).expect("a header");
        request.headers_mut().insert("idempotency-key", key);
        verifier.console(request).await
    }

    /// Sends a request to the private listener.
    pub async fn call_private(
        &self,
        verifier: &TestVerifier,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let request = request(&self.authorization(), method, path, body);
        verifier.private(request).await
    }
}

/// A request with a body of JSON, or with none.
pub(crate) fn request(
    authorization: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    request.body(body).expect("a request")
}
