//! A shop's server and its customers, over two connections of their own.

use http_body_util::Full;
use hyper::{Request, body::Bytes, header};
use serde_json::{Value, json};
use waxseal_tests::{Installation, ORIGIN, Running, Sealer};

use crate::line::{Answer, Cut, Line};

pub(crate) struct Till {
    public: Line,
    private: Line,
    authorization: String,
    sealer: Option<Sealer>,
}

impl Till {
    pub(crate) fn new(installation: &Installation, running: &Running) -> Self {
        Self {
            public: Line::new(running.public),
            private: Line::new(running.private),
            authorization: installation.authorization.clone(),
            sealer: None,
        }
    }

    /// Creates a session for an order, or gets the one that an earlier try created.
    pub(crate) async fn create_session(&mut self, order: &str) -> Result<Answer, Cut> {
        let body = json!({
            "amount": 100, "currency": "USD", "order_id": order, "origin": ORIGIN,
            "shipping_country": "DE",
        });
        let request = Request::post("/v1/sessions")
            .header("idempotency-key", order)
            .header(header::AUTHORIZATION, &self.authorization);
        self.private.send(with_json(request, &body)).await
    }

    pub(crate) async fn read_session(&mut self, id: &str) -> Result<Answer, Cut> {
        self.read(&format!("/v1/sessions/{id}")).await
    }

    /// A `GET` of the shop's server.
    pub(crate) async fn read(&mut self, path: &str) -> Result<Answer, Cut> {
        let request = Request::get(path).header(header::AUTHORIZATION, &self.authorization);
        self.private.send(without_body(request)).await
    }

    /// A health check, `healthz` or `readyz`.
    pub(crate) async fn ask(&mut self, check: &str) -> Result<Answer, Cut> {
        let request = Request::get(format!("/{check}"));
        self.public.send(without_body(request)).await
    }

    /// Seals a card of `number` for a session; another `seed` makes another envelope.
    pub(crate) async fn seal(
        &mut self,
        session: &Value,
        number: &str,
        seed: u64,
    ) -> Result<String, Cut> {
        let text = |name: &str| session[name].as_str().expect("text");
        let sealer = match &mut self.sealer {
            Some(sealer) => sealer,
            none => {
                let request = Request::get("/.well-known/jwks.json");
                let keys = self.public.send(without_body(request)).await?;
                let keys = serde_json::from_value(keys.body).expect("keys");
                none.insert(Sealer::new(&keys, text("client_token")))
            }
        };
        Ok(sealer.seal(text("id"), number, seed))
    }

    /// Submits an envelope from the address `customer`.
    pub(crate) async fn submit(
        &mut self,
        session: &Value,
        envelope: &str,
        customer: &str,
    ) -> Result<Answer, Cut> {
        let token = session["client_token"].as_str().expect("a token");
        let request = Request::post("/v1/session/card")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header("x-forwarded-for", customer);
        let body = json!({ "envelope": envelope });
        self.public.send(with_json(request, &body)).await
    }
}

fn with_json(request: hyper::http::request::Builder, body: &Value) -> Request<Full<Bytes>> {
    request
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .expect("a request")
}

fn without_body(request: hyper::http::request::Builder) -> Request<Full<Bytes>> {
    request
        .header(header::HOST, "localhost")
        // The proxy's word, which it gives for whatever it passes on.
        .header("x-forwarded-for", "198.51.100.1")
        .body(Full::default())
        .expect("a request")
}
