//! `submit_per_s_sqlite`, `submit_p99_ms_sqlite`, `rss_mb`: sealed cards over HTTP, each for a session
//! and with a PAN of its own, 64 connections, the load generator on the same machine.

use std::{path::Path, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::body::Bytes;
use serde_json::{Value, json};
use waxseal_protocol::{
    card::is_luhn_valid,
    message::SealingJwks,
    seal::{Header, SealingKey, make_jti, seal},
};
use waxseal_tests::{SeededRng, card, sealed};
use waxseal_verifier::clock::{Clock, SystemClock};

use crate::{
    figure::{print, quantile},
    load::{Prepared, Run, send_all},
    server::{ORIGIN, Server, process_time},
};

const SUBMISSIONS: usize = 30_000;
const CONNECTIONS: u8 = 64;

pub(crate) fn measure(binary: &Path, assets: &Path, quick: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(
        binary,
        assets,
        if quick { SUBMISSIONS / 10 } else { SUBMISSIONS },
    ));
}

async fn run(binary: &Path, assets: &Path, count: usize) {
    let server = Server::start(binary, assets);
    eprintln!("creating {count} sessions");
    let sessions = create_sessions(&server, count).await;
    eprintln!("sealing {count} cards");
    let prepared = Arc::new(seal_all(&server, sessions).await);
    eprintln!("submitting over {CONNECTIONS} connections");
    let before = server.resident_bytes();
    let (server_time, own_time) = (server.processor_time(), process_time("self"));
    let run = send_all(server.public, prepared, CONNECTIONS, false).await;
    assert_eq!(run.failed, 0, "submissions failed");
    // What the rate is made of, and what another process on the machine does not change.
    let server_time = server.processor_time().saturating_sub(server_time);
    let own_time = process_time("self").saturating_sub(own_time);
    print(
        "submit_server_cpu_us",
        micros_each(server_time, count),
        "us",
        count,
    );
    print(
        "submit_client_cpu_us",
        micros_each(own_time, count),
        "us",
        count,
    );
    report(&run, count, before.max(server.resident_bytes()));
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn micros_each(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn report(run: &Run, count: usize, resident_bytes: u64) {
    let per_second = count as f64 / run.elapsed.as_secs_f64();
    print("submit_per_s_sqlite", per_second, "1/s", count);
    print(
        "submit_p50_ms_sqlite",
        quantile(&run.latencies, 0.5),
        "ms",
        count,
    );
    print(
        "submit_p99_ms_sqlite",
        quantile(&run.latencies, 0.99),
        "ms",
        count,
    );
    print("rss_mb", resident_bytes as f64 / 1e6, "MB", 1);
}

async fn create_sessions(server: &Server, count: usize) -> Vec<Value> {
    let authorization = format!("Basic {}", STANDARD.encode(&server.credentials));
    let requests = (0..count)
        .map(|at| {
            let body = json!({
                "amount": 100, "currency": "USD", "order_id": format!("order-{at}"),
                "origin": ORIGIN, "shipping_country": "DE",
            });
            Prepared {
                path: "/v1/sessions",
                authorization: authorization.clone(),
                body: Bytes::from(body.to_string()),
            }
        })
        .collect();
    let run = send_all(server.private, Arc::new(requests), CONNECTIONS, true).await;
    assert_eq!(run.failed, 0, "sessions failed");
    run.bodies
        .iter()
        .map(|(_, body)| serde_json::from_slice(body).expect("JSON"))
        .collect()
}

async fn seal_all(server: &Server, sessions: Vec<Value>) -> Vec<Prepared> {
    let key = Arc::new(sealing_key(server, &sessions[0]).await);
    let half = sessions.len() / 2;
    let (first, second) = sessions.split_at(half);
    let tasks = [(first.to_vec(), 0), (second.to_vec(), half)].map(|(sessions, start)| {
        let key = Arc::clone(&key);
        tokio::task::spawn_blocking(move || {
            let numbered = sessions.iter().enumerate();
            numbered
                .map(|(at, session)| prepare(&key, session, start + at))
                .collect::<Vec<_>>()
        })
    });
    let mut prepared = Vec::with_capacity(sessions.len());
    for task in tasks {
        prepared.extend(task.await.expect("sealed"));
    }
    prepared
}

async fn sealing_key(server: &Server, session: &Value) -> SealingKey {
    let url = format!("http://{}/.well-known/jwks.json", server.public);
    let jwks: SealingJwks = serde_json::from_slice(&get(&url).await).expect("keys");
    let token = session["client_token"].as_str().expect("a token");
    let claims = token.split('.').nth(1).expect("claims");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let kid = claims["kid"].as_str().expect("a kid");
    let jwk = jwks
        .keys
        .iter()
        .find(|key| key.kid == kid)
        .expect("the key is published");
    SealingKey::from_jwk(jwk, kid).expect("a key")
}

async fn get(url: &str) -> Bytes {
    use http_body_util::{BodyExt, Empty};
    use hyper_util::{client::legacy::Client, rt::TokioExecutor};
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = client
        .get(url.parse().expect("a URL"))
        .await
        .expect("an answer");
    answer
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes()
}

fn prepare(key: &SealingKey, session: &Value, number: usize) -> Prepared {
    let mut rng = SeededRng::new(number as u64);
    let header = Header {
        kid: key.kid().to_owned(),
        sid: session["id"].as_str().expect("an id").to_owned(),
        rev: 1,
        org: ORIGIN.to_owned(),
        iat: SystemClock.now().seconds(),
        jti: make_jti(&mut rng),
        bld: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
    };
    let envelope = seal(key, &header, &sealed(card(&pan(number))), &mut rng).expect("it seals");
    let token = session["client_token"].as_str().expect("a token");
    Prepared {
        path: "/v1/session/card",
        authorization: format!("Bearer {token}"),
        body: Bytes::from(json!({ "envelope": envelope }).to_string()),
    }
}

/// A Luhn-valid Visa number of its own for each submission.
fn pan(number: usize) -> String {
    let body = format!("400000{number:09}");
    (0..10)
        .map(|check| format!("{body}{check}"))
        .find(|digits| is_luhn_valid(digits))
        .expect("one check digit fits")
}
