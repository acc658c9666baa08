//! Every bad submission: a stable code, and nothing stored but the attempt, the jti and the security
//! log entry.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;
use waxseal_protocol::card::Brand;
use waxseal_tests::{AMEX, Answer, Checkout, MASTERCARD, Shop, TestVerifier, VISA, card, sealed};
use waxseal_verifier::mode::Mode;

const ORIGIN: &str = "https://shop.example";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    checkout: Checkout,
}

async fn scene() -> Scene {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
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
        assert_eq!(session["card"], json!(null));
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
    for content in [VISA, AMEX, "4242", "Jane", "10115", "eyJ", "\"cvc\""] {
        assert!(
            !answer.text.contains(content),
            "{content} in {}",
            answer.text
        );
    }
}

fn post(token: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method("POST")
        .uri("/v1/session/card")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_request_of_another_form_is_refused_before_it_is_looked_at() {
    let mut scene = scene().await;
    let envelope = scene.checkout.fresh(VISA);
    let token = scene.checkout.token.clone();
    let good = json!({ "envelope": envelope }).to_string();
    let twice = format!("{{\"envelope\":\"a\",\"envelope\":{}}}", json!(envelope));
    for (content_type, body, code) in [
        ("text/plain", good.clone(), "unsupported_media_type"),
        (
            "application/jose",
            envelope.clone(),
            "unsupported_media_type",
        ),
        ("", good.clone(), "unsupported_media_type"),
        (
            "application/json",
            json!({ "envelope": envelope, "x": 1 }).to_string(),
            "request_invalid",
        ),
        ("application/json", json!({}).to_string(), "request_invalid"),
        (
            "application/json",
            json!({ "envelope": 1 }).to_string(),
            "request_invalid",
        ),
        (
            "application/json",
            json!([envelope]).to_string(),
            "request_invalid",
        ),
        ("application/json", twice, "request_invalid"),
        (
            "application/json",
            good[..good.len() - 1].to_owned(),
            "request_invalid",
        ),
        ("application/json", String::new(), "request_invalid"),
        ("application/json", "[".repeat(10_000), "request_invalid"),
        (
            "application/json",
            format!("\"{}\"", "a".repeat(1_000_000)),
            "body_too_large",
        ),
    ] {
        scene
            .refused(post(&token, content_type, body), code, NOTHING)
            .await;
    }
    let announced = Request::builder()
        .method("POST")
        .uri("/v1/session/card")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, "1000000")
        .body(Body::empty())
        .unwrap();
    scene.refused(announced, "body_too_large", NOTHING).await;
}

#[tokio::test]
async fn a_bad_client_token_is_refused_and_logged() {
    let mut scene = scene().await;
    let envelope = scene.checkout.fresh(VISA);
    let body = json!({ "envelope": envelope }).to_string();
    for token in ["", "x", "a.b.c"] {
        let request = post(token, "application/json", body.clone());
        scene.refused(request, "client_token_invalid", LOGGED).await;
    }
    let without = Request::builder()
        .method("POST")
        .uri("/v1/session/card")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.clone()))
        .unwrap();
    scene.refused(without, "client_token_invalid", LOGGED).await;
    scene.verifier.clock.advance_millis(15 * 60 * 1000);
    let request = post(&scene.checkout.token, "application/json", body);
    scene.refused(request, "client_token_expired", LOGGED).await;
}

#[tokio::test]
async fn a_request_from_another_page_is_refused() {
    let mut scene = scene().await;
    let envelope = scene.checkout.fresh(VISA);
    for (name, value) in [
        ("origin", ORIGIN),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let mut request = scene.checkout.request(&envelope);
        request.headers_mut().insert(name, value.parse().unwrap());
        scene.refused(request, "origin_not_allowed", LOGGED).await;
    }
}

#[tokio::test]
async fn a_header_that_does_not_fit_is_refused_before_opening() {
    let mut scene = scene().await;
    let other = Checkout::open(&scene.verifier, &scene.shop).await;
    let header = scene.checkout.header.clone();
    let card = sealed(card(VISA));

    scene.checkout.header.sid.clone_from(&other.session_id);
    let envelope = scene.checkout.seal(&card);
    scene
        .refused(
            scene.checkout.request(&envelope),
            "session_mismatch",
            LOGGED,
        )
        .await;

    scene.checkout.header = header.clone();
    "https://evil.example".clone_into(&mut scene.checkout.header.org);
    let envelope = scene.checkout.seal(&card);
    scene
        .refused(scene.checkout.request(&envelope), "origin_mismatch", LOGGED)
        .await;

    for skew in [-600_i64, -301, 301, 600] {
        scene.checkout.header = header.clone();
        scene.checkout.header.iat = header.iat.checked_add_signed(skew).unwrap();
        let envelope = scene.checkout.seal(&card);
        scene
            .refused(scene.checkout.request(&envelope), "clock_skew", LOGGED)
            .await;
    }
}

#[tokio::test]
async fn five_minutes_of_clock_difference_are_taken() {
    for skew in [-300_i64, 300] {
        let mut scene = scene().await;
        let iat = scene.checkout.header.iat;
        scene.checkout.header.iat = iat.checked_add_signed(skew).unwrap();
        let envelope = scene.checkout.seal(&sealed(card(VISA)));
        assert_eq!(
            scene
                .checkout
                .submit(&scene.verifier, &envelope)
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn an_envelope_to_another_key_is_refused() {
    let mut scene = scene().await;
    let live = scene.verifier.shop(Mode::Live, ORIGIN).await;
    let live = Checkout::open(&scene.verifier, &live).await;
    scene.checkout.header.kid.clone_from(&live.key.kid);
    scene.checkout.key = live.key.clone();
    let envelope = scene.checkout.seal(&sealed(card(VISA)));
    scene
        .refused(scene.checkout.request(&envelope), "key_unknown", LOGGED)
        .await;
}

#[tokio::test]
async fn whatever_does_not_open_is_one_code_and_an_attempt() {
    let mut scene = scene().await;
    let good = scene.checkout.fresh(VISA);
    let parts: Vec<&str> = good.split('.').collect();
    let bad = [
        String::new(),
        "....".to_owned(),
        good[..good.len() - 2].to_owned(),
        format!(
            "{}.{}..{}A.",
            parts[0],
            parts[1],
            &parts[3][..parts[3].len() - 1]
        ),
        format!("{}.{}.AAAA.{}.", parts[0], parts[1], parts[3]),
        good.replace("eyJ", "eyI"),
    ];
    for envelope in bad {
        scene
            .refused(
                scene.checkout.request(&envelope),
                "envelope_invalid",
                ATTEMPT,
            )
            .await;
    }
}

#[tokio::test]
async fn a_replayed_envelope_is_refused() {
    let mut scene = scene().await;
    // Of a brand that is refused, so that the session stays open.
    let mut expired = card(VISA);
    expired.exp_year = 2025;
    let envelope = scene.checkout.seal(&sealed(expired));
    scene
        .refused(scene.checkout.request(&envelope), "card_expired", OPENED)
        .await;
    let again = scene.checkout.request(&envelope);
    scene
        .refused(again, "envelope_replayed", Left { jti: 0, ..OPENED })
        .await;
}

#[tokio::test]
async fn a_card_that_cannot_be_right_is_refused() {
    let mut scene = scene().await;
    let long_ago = {
        let mut card = card(VISA);
        card.exp_month = 10;
        card.exp_year = 2026;
        card
    };
    let month_13 = {
        let mut card = card(VISA);
        card.exp_month = 13;
        card
    };
    let far = {
        let mut card = card(VISA);
        card.exp_year = 2099;
        card
    };
    let short_cvc = {
        let mut card = card(AMEX);
        card.cvc = Some("123".to_owned().into());
        card
    };
    for (card, code) in [
        (card("4242424242424241"), "card_number_invalid"),
        (card("424242424242"), "card_number_incomplete"),
        (card("9999999999999995"), "card_brand_unknown"),
        (long_ago, "card_expired"),
        (month_13, "expiry_invalid"),
        (far, "expiry_invalid"),
        (short_cvc, "cvc_invalid"),
    ] {
        scene.checkout.fresh(VISA);
        let envelope = scene.checkout.seal(&sealed(card));
        scene
            .refused(scene.checkout.request(&envelope), code, OPENED)
            .await;
    }
}

#[tokio::test]
async fn a_brand_that_the_merchant_does_not_take_is_refused() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut request = shop.session_request();
    request["accepted_brands"] = json!([Brand::Visa, Brand::Mastercard]);
    let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
    assert_eq!(
        checkout.pay(&verifier, AMEX).await.problem(),
        "card_brand_not_accepted"
    );
    assert_eq!(checkout.pay(&verifier, MASTERCARD).await.status, 200);
}

#[tokio::test]
async fn a_stale_revision_is_refused_and_the_new_one_taken() {
    let mut scene = scene().await;
    let stale = scene.checkout.fresh(VISA);
    let path = format!("/v1/sessions/{}", scene.checkout.session_id);
    let body = json!({ "rev": 1, "amount": 2999 });
    let revised = scene
        .verifier
        .call(&scene.shop, "PATCH", &path, Some(body))
        .await;
    assert_eq!(revised.json()["rev"], 2);
    scene
        .refused(scene.checkout.request(&stale), "session_changed", OPENED)
        .await;
    scene.checkout.header.rev = 2;
    assert_eq!(scene.checkout.pay(&scene.verifier, VISA).await.status, 200);
}

#[tokio::test]
async fn the_eleventh_attempt_is_refused_whatever_it_is() {
    let mut scene = scene().await;
    for _ in 0..10 {
        assert_eq!(
            scene.checkout.submit(&scene.verifier, "x").await.problem(),
            "envelope_invalid"
        );
    }
    scene
        .refused(scene.checkout.request("x"), "attempts_exhausted", LOGGED)
        .await;
    let good = scene.checkout.fresh(VISA);
    scene
        .refused(scene.checkout.request(&good), "attempts_exhausted", LOGGED)
        .await;
}

#[tokio::test]
async fn attempts_that_arrive_together_are_counted_each() {
    let scene = scene().await;
    let all = (0..30).map(|_| scene.checkout.submit(&scene.verifier, "x"));
    let mut codes = std::collections::BTreeMap::new();
    for answer in join_all(all).await {
        *codes.entry(answer.problem()).or_insert(0) += 1;
    }
    assert_eq!(codes["envelope_invalid"], 10);
    assert_eq!(codes["attempts_exhausted"], 20);
}

#[tokio::test]
async fn a_session_that_is_over_takes_nothing() {
    let verifier = TestVerifier::start_with(|config| config.limits.session_ttl_s = 60).await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut checkout = Checkout::open(&verifier, &shop).await;
    verifier.clock.advance_millis(60_000);
    assert_eq!(
        checkout.pay(&verifier, VISA).await.problem(),
        "session_expired"
    );
}

/// Polls all at once, so that they meet in the store's writer.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = pinned.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, slot) in pinned.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *slot = Some(output);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}
