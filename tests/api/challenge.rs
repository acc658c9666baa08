//! A token of a captcha that comes with a card: asked about where the configuration says, and what follows.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use waxseal_tests::{Checkout, Shop, TestVerifier};
use waxseal_verifier::mode::Mode;

use super::velocity::of_run;

/// A service on the loopback that gives one answer, and keeps what it was asked.
struct Service {
    answer: Arc<Mutex<(StatusCode, String)>>,
    asked: Arc<Mutex<Vec<String>>>,
    url: String,
    task: JoinHandle<()>,
}

type Shared = (Arc<Mutex<(StatusCode, String)>>, Arc<Mutex<Vec<String>>>);

impl Service {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
        let shared: Shared = (
            Arc::new(Mutex::new((StatusCode::OK, String::new()))),
            Arc::default(),
        );
        let (answer, asked) = shared.clone();
        let verify = async |State((answer, asked)): State<Shared>, body: String| {
            asked.lock().unwrap().push(body);
            answer.lock().unwrap().clone()
        };
        let router = Router::new()
            .route("/siteverify", post(verify))
            .with_state(shared);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            answer,
            asked,
            url,
            task,
        }
    }

    fn says(&self, status: StatusCode, answer: &str) {
        *self.answer.lock().unwrap() = (status, answer.to_owned());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn verifier(url: Option<String>) -> TestVerifier {
    TestVerifier::start_with(|config| {
        if url.is_some() {
            let file = config.assets.dir.parent().unwrap().join("captcha.secret");
            std::fs::write(&file, "0x4AAA&B\n").unwrap();
            config.challenge.secret_file = Some(file);
        }
        config.challenge.verify_url = url;
        config.outbound.private_networks = vec!["127.0.0.1/32".parse().unwrap()];
        config.outbound.plain_http_on_loopback = true;
    })
    .await
}

/// Submits the next number of a run with a token; gives the decision.
async fn submit(verifier: &TestVerifier, shop: &Shop, at: usize, token: Option<&str>) -> Value {
    let mut checkout = Checkout::open(verifier, shop).await;
    let envelope = checkout.fresh(&of_run(at));
    let answer = verifier
        .public(checkout.request_with_challenge(&envelope, token))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let path = format!("/v1/sessions/{}", checkout.session_id);
    verifier.call(shop, "GET", &path, None).await.json()["decision"].clone()
}

#[tokio::test]
async fn a_good_token_takes_a_challenge_away_and_nothing_else() {
    let service = Service::start().await;
    let verifier = verifier(Some(service.url.clone())).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for at in 0..4 {
        assert_eq!(submit(&verifier, &shop, at, None).await["outcome"], "allow");
    }
    let good = r#"{"success":true,"hostname":"shop.example"}"#;
    for (at, (status, answer, token, outcome)) in [
        (StatusCode::OK, good, None, "challenge"),
        (StatusCode::OK, good, Some("to ken&x"), "allow"),
        (
            StatusCode::OK,
            r#"{"success":false}"#,
            Some("a"),
            "challenge",
        ),
        (
            StatusCode::OK,
            r#"{"success":true,"hostname":"evil.example"}"#,
            Some("a"),
            "challenge",
        ),
        (StatusCode::OK, "not JSON", Some("a"), "challenge"),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            good,
            Some("a"),
            "challenge",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        service.says(status, answer);
        let decision = submit(&verifier, &shop, 4 + at, token).await;
        assert_eq!(decision["outcome"], outcome, "{at}");
        let reasons = decision["reasons"].as_array().unwrap();
        let has = |code: &str| reasons.iter().any(|reason| reason["code"] == code);
        assert!(has("bin_run"), "the rule has answered all the same");
        assert_eq!(has("challenge_passed"), outcome == "allow");
    }
    let asked = service.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 5, "never without a token");
    assert_eq!(asked[0], "secret=0x4AAA%26B&response=to+ken%26x");
    // A token takes no rejection away.
    service.says(StatusCode::OK, good);
    for at in 10..19 {
        submit(&verifier, &shop, at, Some("a")).await;
    }
    assert_eq!(
        submit(&verifier, &shop, 19, Some("a")).await["outcome"],
        "reject"
    );
}

#[tokio::test]
async fn a_token_that_nobody_checks_says_nothing_and_one_that_is_none_is_refused() {
    let verifier = verifier(None).await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    for at in 0..4 {
        submit(&verifier, &shop, at, Some("a")).await;
    }
    assert_eq!(
        submit(&verifier, &shop, 4, Some("a")).await["outcome"],
        "challenge"
    );
    for token in ["", "a\u{e9}", "a\nb", &"a".repeat(4_097)] {
        let mut checkout = Checkout::open(&verifier, &shop).await;
        let envelope = checkout.fresh(&of_run(30));
        let request = checkout.request_with_challenge(&envelope, Some(token));
        let answer = verifier.public(request).await;
        assert_eq!(answer.problem(), "request_invalid", "{}", json!(token));
    }
}
