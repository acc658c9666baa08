//! Every bad submission: a stable code, and nothing stored but the attempt, the jti and the security
//! log entry.

mod card;
mod envelope;
mod request;
mod session;
mod signals;

use axum::{body::Body, http::Request};
use waxseal_tests::{AMEX, Answer, Checkout, MASTERCARD, Shop, TestVerifier, VISA};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    checkout: Checkout,
}

async fn scene() -> Scene {
    scene_of(TestVerifier::start().await, Mode::Test).await
}

async fn scene_of(verifier: TestVerifier, mode: Mode) -> Scene {
    let shop = verifier.shop(mode, ORIGIN).await;
    let checkout = Checkout::open(&verifier, &shop).await;
    Scene {
        verifier,
        shop,
        checkout,
    }
}

impl Scene {
    async fn attempts(&self) -> u64 {
        let path = format!("/v1/sessions/{}", self.checkout.session_id);
        let session = self
            .verifier
            .call(&self.shop, "GET", &path, None)
            .await
            .json();
        session["attempts"].as_u64().unwrap()
    }

    /// Sends `request`; asserts its code and what it left behind.
    async fn refused(&self, request: Request<Body>, code: &str, left: Left) {
        let (counts, attempts) = (self.verifier.row_counts(), self.attempts().await);
        let answer = self.verifier.public(request).await;
        assert_eq!(answer.problem(), code);
        assert_no_content(&answer);
        for ((table, before), (_, after)) in counts.iter().zip(self.verifier.row_counts()) {
            let grown = match table.as_str() {
                "audit" => left.log,
                // The first entry of one begins it.
                "audit_chain" => after - before,
                "session_jti" => left.jti,
                _ => 0,
            };
            assert_eq!(after - before, grown, "{code}: rows of {table}");
        }
        assert_eq!(
            self.attempts().await - attempts,
            left.attempts,
            "{code}: attempts"
        );
    }
}

/// Rows and counts that a refusal adds.
#[derive(Clone, Copy)]
struct Left {
    attempts: u64,
    jti: u64,
    log: u64,
}

/// The request never came as far as a session.
const NOTHING: Left = Left {
    attempts: 0,
    jti: 0,
    log: 0,
};
/// Refused before anything was opened.
const LOGGED: Left = Left {
    attempts: 0,
    jti: 0,
    log: 1,
};
/// The envelope did not open.
const ATTEMPT: Left = Left {
    attempts: 1,
    jti: 0,
    log: 1,
};
/// The envelope opened and was refused for what it holds.
const OPENED: Left = Left {
    attempts: 1,
    jti: 1,
    log: 1,
};

fn assert_no_content(answer: &Answer) {
    for content in [
        VISA, AMEX, MASTERCARD, "4242", "Jane", "10115", "eyJ", "\"cvc\"",
    ] {
        assert!(
            !answer.text.contains(content),
            "{content} in {}",
            answer.text
        );
    }
}
