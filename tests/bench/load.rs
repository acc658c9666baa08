//! Requests over a fixed number of keep-alive connections, from ever new loopback addresses.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

/// Requests that one address sends before the next takes over its connection.
const PER_CALLER: usize = 20;

/// One prepared request.
pub(crate) struct Prepared {
    pub(crate) path: &'static str,
    pub(crate) authorization: String,
    pub(crate) body: Bytes,
}

/// What a run of requests gave.
pub(crate) struct Run {
    pub(crate) elapsed: Duration,
    /// Milliseconds, ascending.
    pub(crate) latencies: Vec<f64>,
    pub(crate) bodies: Vec<(usize, Bytes)>,
    pub(crate) failed: usize,
}

/// Sends every request once, over `connections` connections, and reads every answer.
pub(crate) async fn send_all(
    to: SocketAddr,
    requests: Arc<Vec<Prepared>>,
    connections: u8,
    keep_bodies: bool,
) -> Run {
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|at| {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            tokio::spawn(connection(to, at, requests, next, keep_bodies))
        })
        .collect();
    let mut run = Run {
        elapsed: Duration::ZERO,
        latencies: Vec::with_capacity(requests.len()),
        bodies: Vec::new(),
        failed: 0,
    };
    for task in tasks {
        let part = task.await.expect("a connection's task");
        run.latencies.extend(part.latencies);
        run.bodies.extend(part.bodies);
        run.failed += part.failed;
    }
    run.elapsed = started.elapsed();
    run.latencies.sort_by(f64::total_cmp);
    run.bodies.sort_by_key(|(at, _)| *at);
    run
}

/// One caller after another: each sends some requests from an address of its own, as shoppers do.
async fn connection(
    to: SocketAddr,
    number: u8,
    requests: Arc<Vec<Prepared>>,
    next: Arc<AtomicUsize>,
    keep_bodies: bool,
) -> Run {
    let mut run = Run {
        elapsed: Duration::ZERO,
        latencies: Vec::new(),
        bodies: Vec::new(),
        failed: 0,
    };
    for caller in 0..=u8::MAX {
        let mut sender = connect(to, Ipv4Addr::new(127, number, caller, 1)).await;
        for _ in 0..PER_CALLER {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(prepared) = requests.get(at) else {
                return run;
            };
            let sent = Instant::now();
            let (status, body) = send(&mut sender, prepared).await;
            run.latencies.push(sent.elapsed().as_secs_f64() * 1e3);
            if !matches!(status, StatusCode::OK | StatusCode::CREATED) {
                run.failed += 1;
            }
            if keep_bodies {
                run.bodies.push((at, body));
            }
        }
    }
    run
}

async fn connect(to: SocketAddr, from: Ipv4Addr) -> SendRequest<Full<Bytes>> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(SocketAddr::new(IpAddr::V4(from), 0))
        .expect("an address");
    let stream = socket.connect(to).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    // Ends when the sender is dropped.
    tokio::spawn(driver);
    sender
}

async fn send(sender: &mut SendRequest<Full<Bytes>>, prepared: &Prepared) -> (StatusCode, Bytes) {
    let request = Request::post(prepared.path)
        .header("host", "localhost")
        .header("authorization", &prepared.authorization)
        .header("content-type", "application/json")
        .body(Full::new(prepared.body.clone()))
        .expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    let status = answer.status();
    let body = answer
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (status, body)
}
