//! Requests over a fixed number of keep-alive connections, each request from one of 10,000 customers'
//! addresses as a trusted proxy names it.

use std::{
    net::SocketAddr,
    ops::Range,
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
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

const CUSTOMERS: usize = 10_000;

/// One prepared request: a `GET` when it has no body.
pub(crate) struct Prepared {
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) body: Bytes,
}

/// What a run of requests gave.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) elapsed: Duration,
    /// Milliseconds, ascending.
    pub(crate) latencies: Vec<f64>,
    /// By their place in the list; kept where asked for.
    pub(crate) bodies: Vec<(usize, Bytes)>,
    pub(crate) failed: usize,
}

impl Run {
    /// Adds a later run's figures to this one's.
    pub(crate) fn add(&mut self, other: Self) {
        self.elapsed += other.elapsed;
        self.latencies.extend(other.latencies);
        self.latencies.sort_by(f64::total_cmp);
        self.failed += other.failed;
    }

    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }
}

/// Sends every request in `range` once, over `connections` connections, and reads every answer.
pub(crate) async fn send_all(
    to: SocketAddr,
    requests: &Arc<Vec<Prepared>>,
    range: Range<usize>,
    connections: usize,
    keep_bodies: bool,
) -> Run {
    send_all_over((to, None), requests, range, connections, keep_bodies).await
}

/// The same over TLS, where whom to trust and what to present is given.
pub(crate) async fn send_all_over(
    (to, tls): (SocketAddr, Option<&Arc<ClientConfig>>),
    requests: &Arc<Vec<Prepared>>,
    range: Range<usize>,
    connections: usize,
    keep_bodies: bool,
) -> Run {
    let mut senders = Vec::with_capacity(connections);
    for _ in 0..connections {
        senders.push(connect(to, tls).await);
    }
    let next = Arc::new(AtomicUsize::new(range.start));
    let started = Instant::now();
    let tasks: Vec<_> = senders
        .into_iter()
        .map(|sender| {
            let (requests, next) = (Arc::clone(requests), Arc::clone(&next));
            tokio::spawn(connection(sender, requests, next, range.end, keep_bodies))
        })
        .collect();
    let mut run = Run::default();
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

/// Sends every request in `range` once, `rate` of them a second, whatever becomes of those before: each is timed
/// from when it was due, so that one that waits for a connection counts as late.
pub(crate) async fn send_paced(
    to: SocketAddr,
    requests: &Arc<Vec<Prepared>>,
    range: Range<usize>,
    connections: usize,
    rate: f64,
) -> Run {
    let next = Arc::new(AtomicUsize::new(range.start));
    let started = Instant::now();
    let mut tasks = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut sender = connect(to, None).await;
        let (requests, next, range) = (Arc::clone(requests), Arc::clone(&next), range.clone());
        tasks.push(tokio::spawn(async move {
            let mut run = Run::default();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= range.end {
                    return run;
                }
                #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
                let due = started + Duration::from_secs_f64((at - range.start) as f64 / rate);
                tokio::time::sleep_until(due.into()).await;
                let (status, _) = send(&mut sender, &requests[at], at).await;
                run.latencies.push(due.elapsed().as_secs_f64() * 1e3);
                if status != StatusCode::OK {
                    run.failed += 1;
                }
            }
        }));
    }
    let mut run = Run::default();
    for task in tasks {
        let part = task.await.expect("a connection's task");
        run.latencies.extend(part.latencies);
        run.failed += part.failed;
    }
    run.elapsed = started.elapsed();
    run.latencies.sort_by(f64::total_cmp);
    run
}

async fn connection(
    mut sender: SendRequest<Full<Bytes>>,
    requests: Arc<Vec<Prepared>>,
    next: Arc<AtomicUsize>,
    end: usize,
    keep_bodies: bool,
) -> Run {
    let mut run = Run::default();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        if at >= end {
            return run;
        }
        let sent = Instant::now();
        let (status, body) = send(&mut sender, &requests[at], at).await;
        run.latencies.push(sent.elapsed().as_secs_f64() * 1e3);
        if !matches!(status, StatusCode::OK | StatusCode::CREATED) {
            run.failed += 1;
        }
        if keep_bodies {
            run.bodies.push((at, body));
        }
    }
}

async fn connect(to: SocketAddr, tls: Option<&Arc<ClientConfig>>) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(to).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let Some(tls) = tls else {
        return speak_http(stream).await;
    };
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::clone(tls));
    speak_http(connector.connect(name, stream).await.expect("TLS")).await
}

async fn speak_http<S>(stream: S) -> SendRequest<Full<Bytes>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    // Ends when the sender is dropped.
    tokio::spawn(driver);
    sender
}

async fn send(
    sender: &mut SendRequest<Full<Bytes>>,
    prepared: &Prepared,
    at: usize,
) -> (StatusCode, Bytes) {
    let method = if prepared.body.is_empty() {
        "GET"
    } else {
        "POST"
    };
    let customer = at % CUSTOMERS;
    let request = Request::builder()
        .method(method)
        .uri(&prepared.path)
        .header("host", "localhost")
        .header("authorization", &prepared.authorization)
        .header("content-type", "application/json")
        .header(
            "x-forwarded-for",
            format!("100.64.{}.{}", customer / 250, customer % 250),
        )
        .body(Full::new(prepared.body.clone()))
        .expect("a request");
    sender.ready().await.expect("a connection");
    let answer = sender.send_request(request).await.expect("an answer");
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("a body");
    (status, body.to_bytes())
}
