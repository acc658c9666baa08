//! `auth_overhead_us_p50`: what an access token adds to a request when it was checked a moment ago. Its first
//! use (signature and store) and one that is bound to a key (the proof, and the durable mark that it was
//! used) are figures of their own. One request at a time, SQLite.

use std::{hint::black_box, time::Instant};

use serde_json::Value;
use waxseal_tests::{DpopKey, Shop, TestVerifier};
use waxseal_verifier::{
    clock::Clock,
    identity::oauth::{Granted, Presented, Scheme},
    mode::Mode,
};

use crate::figure::{print, quantile};

const PATH: &str = "/v1/cards";
const REPEATED: u32 = 200;

pub(crate) fn measure(quick: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure_all(if quick { 100 } else { 1000 }));
}

async fn measure_all(tokens: usize) {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let key = DpopKey::make();
    let (mut first, mut again, mut bound) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=tokens {
        let bearer = token(&verifier, &shop, None).await;
        let started = Instant::now();
        check(&verifier, Scheme::Bearer, &bearer, None).await;
        let first_us = micros(started);
        let started = Instant::now();
        for _ in 0..REPEATED {
            check(&verifier, Scheme::Bearer, &bearer, None).await;
        }
        let again_us = micros(started) / f64::from(REPEATED);
        let token = token(&verifier, &shop, Some(&key)).await;
        let uri = format!("{}{PATH}", waxseal_tests::CONSOLE_ORIGIN);
        let now = verifier.clock.now().seconds();
        let proofs = [0; 2].map(|_| key.prove("GET", &uri, Some(&token), now));
        check(&verifier, Scheme::Dpop, &token, Some(&proofs[0])).await;
        let started = Instant::now();
        check(&verifier, Scheme::Dpop, &token, Some(&proofs[1])).await;
        // The first round warms up.
        if round > 0 {
            first.push(first_us);
            again.push(again_us);
            bound.push(micros(started));
        }
    }
    for (name, mut times) in [
        ("auth_overhead_us_p50", again),
        ("auth_first_us_p50", first),
        ("auth_dpop_us_p50", bound),
    ] {
        times.sort_by(f64::total_cmp);
        print(name, quantile(&times, 0.5), "us", times.len());
    }
}

async fn check(verifier: &TestVerifier, scheme: Scheme, token: &str, proof: Option<&str>) {
    let presented = Presented {
        scheme,
        token,
        proof,
        method: "GET",
        path: PATH,
        certificate: None,
    };
    let (app, now) = (&verifier.app, verifier.clock.now());
    let checked = app
        .authorization
        .check(&app.store, &app.keys, presented, now);
    let granted = black_box(checked.await.expect("a good token"));
    assert!(matches!(granted, Granted::Server(_)));
}

async fn token(verifier: &TestVerifier, shop: &Shop, key: Option<&DpopKey>) -> String {
    let secret = shop.client_secret();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shop.client_id()),
        ("client_secret", &secret),
    ];
    let answer: Value = verifier.ask_for_token(&fields, key).await.json();
    answer["access_token"].as_str().expect("a token").to_owned()
}

fn micros(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6
}
