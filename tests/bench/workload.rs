//! Submissions that are ready to be sent: each a session and a PAN of its own and a full envelope.

use std::sync::Arc;

use hyper::body::Bytes;
use rustls::ClientConfig;
use serde_json::{Value, json};
use waxseal_protocol::message::SealingJwks;
use waxseal_tests::{ORIGIN, Sealer, visa};

use crate::{
    load::{Prepared, send_all, send_all_over},
    server::Server,
};

const CONNECTIONS: usize = 64;

/// Creates `count` sessions and seals a card for each; `first_pan` is the first one's.
pub(crate) async fn prepare(server: &Server, count: usize, first_pan: usize) -> Arc<Vec<Prepared>> {
    eprintln!("creating {count} sessions");
    let sessions = Arc::new(create_sessions(server, None, count).await);
    eprintln!("sealing {count} cards");
    let sealer = Arc::new(sealer(server, &sessions[0]).await);
    let middle = count / 2;
    let tasks = [0..middle, middle..count].map(|range| {
        let (sealer, sessions) = (Arc::clone(&sealer), Arc::clone(&sessions));
        tokio::task::spawn_blocking(move || {
            range
                .map(|at| submission(&sealer, &sessions[at], first_pan + at))
                .collect::<Vec<_>>()
        })
    });
    let mut prepared = Vec::with_capacity(count);
    for task in tasks {
        prepared.extend(task.await.expect("sealed"));
    }
    Arc::new(prepared)
}

/// Over TLS where whom to trust is given.
pub(crate) async fn create_sessions(
    server: &Server,
    tls: Option<&Arc<ClientConfig>>,
    count: usize,
) -> Vec<Value> {
    let requests = (0..count)
        .map(|at| {
            let body = json!({
                "amount": 100, "currency": "USD", "order_id": format!("order-{at}"),
                "origin": ORIGIN, "shipping_country": "DE",
            });
            Prepared {
                path: "/v1/sessions".to_owned(),
                authorization: server.installation.authorization.clone(),
                body: Bytes::from(body.to_string()),
            }
        })
        .collect();
    let requests = Arc::new(requests);
    let to = (server.running.private, tls);
    let run = send_all_over(to, &requests, 0..count, CONNECTIONS, true).await;
    assert_eq!(run.failed, 0, "sessions failed");
    run.bodies
        .iter()
        .map(|(_, body)| serde_json::from_slice(body).expect("JSON"))
        .collect()
}

async fn sealer(server: &Server, session: &Value) -> Sealer {
    let request = Arc::new(vec![Prepared {
        path: "/.well-known/jwks.json".to_owned(),
        authorization: String::new(),
        body: Bytes::new(),
    }]);
    let run = send_all(server.running.public, &request, 0..1, 1, true).await;
    let keys: SealingJwks = serde_json::from_slice(&run.bodies[0].1).expect("keys");
    Sealer::new(&keys, session["client_token"].as_str().expect("a token"))
}

fn submission(sealer: &Sealer, session: &Value, pan: usize) -> Prepared {
    let id = session["id"].as_str().expect("an id");
    let token = session["client_token"].as_str().expect("a token");
    let envelope = sealer.seal(id, &visa(pan), pan as u64);
    Prepared {
        path: "/v1/session/card".to_owned(),
        authorization: format!("Bearer {token}"),
        body: Bytes::from(json!({ "envelope": envelope }).to_string()),
    }
}
