//! Requests over a fixed number of keep-alive connections, each from an address of its own.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

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

async fn connection(
    to: SocketAddr,
    number: u8,
    requests: Arc<Vec<Prepared>>,
    next: Arc<AtomicUsize>,
    keep_bodies: bool,
) -> Run {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = IpAddr::V4(Ipv4Addr::new(127, 0, 1, number));
    socket.bind(SocketAddr::new(from, 0)).expect("an address");
    let stream = socket.connect(to).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let (mut sender, driver) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    let driver = tokio::spawn(driver);
    let mut run = Run {
        elapsed: Duration::ZERO,
        latencies: Vec::new(),
        bodies: Vec::new(),
        failed: 0,
    };
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(prepared) = requests.get(at) else {
            break;
        };
        let request = Request::post(prepared.path)
            .header("host", "localhost")
            .header("authorization", &prepared.authorization)
            .header("content-type", "application/json")
            .body(Full::new(prepared.body.clone()))
            .expect("a request");
        let sent = Instant::now();
        let answer = sender.send_request(request).await.expect("an answer");
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        run.latencies.push(sent.elapsed().as_secs_f64() * 1e3);
        if !matches!(status, StatusCode::OK | StatusCode::CREATED) {
            run.failed += 1;
        }
        if keep_bodies {
            run.bodies.push((at, body));
        }
    }
    drop(sender);
    driver.abort();
    run
}
