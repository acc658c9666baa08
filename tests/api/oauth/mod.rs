//! OAuth: who gets which token for what, and what each is good for.

mod access_token;
mod accounts;
mod authorize;
mod certificates;
mod credentials;
mod dpop;
mod federation;
mod metadata;
mod networks;
mod redeem;
mod refresh;
mod revoke;
mod routes;
mod rsa;
mod second_factor;
mod servers;
mod sign_in;
mod sign_in_meanwhile;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::Value;
use waxseal_tests::{Answer, Browser, Consent, DpopKey, Person, Program, TestVerifier};

/// Everything that operators may do.
const OPERATOR: &str = "cards:reveal keys:read keys:write";

/// A verifier, an operator and a program.
struct Scene {
    verifier: TestVerifier,
    person: Person,
    program: Program,
    key: DpopKey,
    browser: Browser,
}

impl Scene {
    async fn open() -> Self {
        let verifier = TestVerifier::start().await;
        let person = Person::add(&verifier, "ann", None, OPERATOR).await;
        let program = Program::add(&verifier, OPERATOR).await;
        Self {
            verifier,
            person,
            program,
            key: DpopKey::make(),
            browser: Browser::default(),
        }
    }

    /// A code for `keys:read`, and the request that it answers.
    async fn code(&mut self) -> (Consent, String) {
        // Each code of an authenticator is taken once.
        self.verifier.clock.advance_millis(30_000);
        self.browser = Browser::default();
        let consent = Consent::of(&self.program, "keys:read");
        let browser = &mut self.browser;
        let code = browser
            .consent(&self.verifier, &self.person, &consent)
            .await;
        (consent, code)
    }

    /// Tokens for `keys:read`.
    async fn tokens(&mut self) -> Value {
        let (consent, code) = self.code().await;
        let fields = consent.redemption(&self.program, &code);
        let answer = self.verifier.ask_for_token(&fields, Some(&self.key)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn refresh(&self, token: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.program.id),
            ("refresh_token", token),
        ];
        self.verifier.ask_for_token(&fields, Some(&self.key)).await
    }

    /// What the operator may ask with a token: the list of keys.
    async fn list_keys(&self, token: &str) -> Answer {
        let verifier = &self.verifier;
        verifier
            .call_with_proof(&self.key, token, "GET", "/v1/keys")
            .await
    }

    /// Reasons of failed authentications, in their order.
    fn failures(&self) -> Vec<String> {
        self.verifier
            .database
            .texts("SELECT reason FROM audit WHERE action = 'auth.failed' ORDER BY seq")
    }
}

/// The error of an answer that says nothing else.
#[track_caller]
fn error(answer: &Answer) -> String {
    assert_eq!(answer.headers["cache-control"], "no-store");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["error"].as_str().unwrap().to_owned()
}

/// A `GET` of the private listener with an `Authorization` header.
async fn get_with(verifier: &TestVerifier, path: &str, authorization: &str) -> Answer {
    let request = Request::builder()
        .uri(path)
        .header(header::AUTHORIZATION, authorization);
    verifier.private(request.body(Body::empty()).unwrap()).await
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {value}"))
}
