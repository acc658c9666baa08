//! Honest customers beside hostile traffic: how much later they are answered, whether the process is the same
//! one afterwards, and what it has grown by.
//!
//! Honest load is paced at half of what the verifier does with honest load alone; its p99 is taken without and
//! then with the hostile connections. Hostile traffic comes from one address that no proxy speaks for, honest
//! customers through a trusted proxy from addresses of their own, as everywhere in these measurements.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Interval, MissedTickBehavior, interval, sleep, timeout},
};
use waxseal_tests::{Engine, SeededRng};
use waxseal_verifier::rng::Rng;

use crate::{
    figure::{print, quantile},
    load::{Prepared, Run, send_all, send_paced},
    server::Stopped,
    workload::prepare,
};

const HOSTILE_CONNECTIONS: u64 = 200;
const HONEST_CONNECTIONS: usize = 64;
/// Submissions to find the capacity with.
const PROBE: usize = 4_000;
/// Where hostile traffic comes from: no proxy is trusted there.
const HOSTILE: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 9);
/// One in so many is slow and holds its place; the others ask over and over.
const SLOW_ONE_IN: u64 = 8;
/// Hostile requests for each honest one.
const HOSTILE_OVER_HONEST: f64 = 2.5;
const READ_AT_MOST: Duration = Duration::from_secs(20);

pub(crate) fn measure(binary: &Path, assets: &Path, quick: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (each_s, slices) = if quick { (15, 3) } else { (60, 5) };
    runtime.block_on(run(binary, assets, each_s, slices));
}

/// `slices` of `each_s` seconds beside hostile traffic, and one of them without before.
async fn run(binary: &Path, assets: &Path, each_s: u64, slices: usize) {
    let mut stopped = Stopped::new(binary, assets, Engine::under_test());
    // The connections of honest customers come from the proxy, hostile ones past it.
    stopped
        .installation
        .set("LISTEN__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]");
    // What everybody has: the workload's own are lifted where one server creates all sessions.
    for (limit, per_s) in [("CARD", 10), ("SESSION", 20), ("PAGE", 100), ("HEALTH", 10)] {
        let names = [("PER_S", per_s), ("BURST", 2 * per_s)];
        for (unit, value) in names {
            let name = format!("LIMITS__{limit}_{unit}");
            stopped.installation.set(&name, &value.to_string());
        }
    }
    let mut server = stopped.start();
    let probe = prepare(&server, PROBE, 0).await;
    let to = server.running.public;
    let capacity = send_all(to, &probe, 0..PROBE, HONEST_CONNECTIONS, false)
        .await
        .per_second();
    let rate = capacity / 2.0;
    eprintln!("capacity {capacity:.0}/s; honest load {rate:.0}/s");

    // A slice's are made before it: what sessions of all of them would take is longer than their tokens live.
    let slice_n = count(rate, each_s);
    let mut first_pan = PROBE;
    let submissions = prepare(&server, slice_n, first_pan).await;
    let alone = paced(to, &submissions, 0..slice_n, rate).await;
    let id = server.running.id();
    let before = server.resident_bytes();

    let (mut beside, mut sent) = (Run::default(), 0);
    for _ in 0..slices {
        first_pan += slice_n;
        let submissions = prepare(&server, slice_n, first_pan).await;
        let hostile = Hostile::start(to, rate * HOSTILE_OVER_HONEST);
        beside.add(paced(to, &submissions, 0..slice_n, rate).await);
        sent += hostile.stop();
    }
    let ended = server.running.ended();
    assert!(
        ended.is_none() && server.running.id() == id,
        "it has ended: {ended:?}"
    );
    // Places and buffers of those who are gone.
    sleep(Duration::from_secs(12)).await;
    let after = server.resident_bytes();
    assert_eq!(alone.failed + beside.failed, 0, "honest submissions failed");

    let [alone_p99, beside_p99] = [&alone, &beside].map(|run| quantile(&run.latencies, 0.99));
    let n = beside.latencies.len();
    print(
        "hostile_honest_p99_ms_alone",
        alone_p99,
        "ms",
        alone.latencies.len(),
    );
    print("hostile_honest_p99_ms", beside_p99, "ms", n);
    print(
        "hostile_honest_p99_ratio",
        beside_p99 / alone_p99,
        "ratio",
        n,
    );
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    {
        let elapsed = beside.elapsed.as_secs_f64();
        print(
            "hostile_requests_over_honest_ratio",
            sent as f64 / n as f64,
            "ratio",
            n,
        );
        print("hostile_requests_per_s", sent as f64 / elapsed, "1/s", n);
        print(
            "hostile_rss_growth_mb",
            (after as f64 - before as f64) / 1e6,
            "MB",
            1,
        );
    }
}

fn count(rate: f64, seconds: u64) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "far below 2^52"
    )]
    let count = (rate * seconds as f64) as usize;
    count
}

async fn paced(
    to: SocketAddr,
    requests: &Arc<Vec<Prepared>>,
    range: std::ops::Range<usize>,
    rate: f64,
) -> Run {
    eprintln!("{} honest submissions", range.len());
    send_paced(to, requests, range, HONEST_CONNECTIONS, rate).await
}

/// Connections that each go on with what the seed gives them until told to stop.
struct Hostile {
    is_over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Hostile {
    fn start(to: SocketAddr, rate: f64) -> Self {
        let asking =
            u32::try_from(HOSTILE_CONNECTIONS - HOSTILE_CONNECTIONS / SLOW_ONE_IN).expect("few");
        let pace = Duration::from_secs_f64(f64::from(asking) / rate);
        let (is_over, sent) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let tasks = (0..HOSTILE_CONNECTIONS).map(|seed| {
            let (is_over, sent) = (Arc::clone(&is_over), Arc::clone(&sent));
            tokio::spawn(async move {
                let rng = SeededRng::new(seed);
                let mut pace = interval(pace);
                pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
                while !is_over.load(Ordering::Relaxed) {
                    // What it meets is the verifier's affair.
                    let _ = attack(to, &rng, &mut pace, &sent, seed).await;
                }
            })
        });
        let tasks = tasks.collect();
        Self {
            is_over,
            sent,
            tasks,
        }
    }

    /// Gives how many requests it sent.
    fn stop(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        for task in &self.tasks {
            task.abort();
        }
        self.sent.load(Ordering::Relaxed)
    }
}

async fn attack(
    to: SocketAddr,
    rng: &SeededRng,
    pace: &mut Interval,
    sent: &AtomicU64,
    seed: u64,
) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(HOSTILE), 0))?;
    let mut stream = socket.connect(to).await?;
    if seed.is_multiple_of(SLOW_ONE_IN) {
        return crawl(&mut stream, sent).await;
    }
    let mut answer = [0; 8 * 1024];
    loop {
        pace.tick().await;
        stream.write_all(&request(rng)).await?;
        sent.fetch_add(1, Ordering::Relaxed);
        let read = timeout(READ_AT_MOST, stream.read(&mut answer)).await??;
        if read == 0 {
            return Ok(());
        }
    }
}

/// A head that never ends, a byte each half second, until it is cut off.
async fn crawl(stream: &mut TcpStream, sent: &AtomicU64) -> std::io::Result<()> {
    stream
        .write_all(b"POST /v1/session/card HTTP/1.1\r\nhost: a\r\nx: ")
        .await?;
    sent.fetch_add(1, Ordering::Relaxed);
    loop {
        sleep(Duration::from_millis(500)).await;
        stream.write_all(b"y").await?;
    }
}

/// What the others send.
fn request(rng: &SeededRng) -> Vec<u8> {
    let rng: &dyn Rng = rng;
    let [kind, byte] = rng.array::<2>().expect("seeded");
    let head = |line: &str, headers: &str, length: usize| {
        format!(
            "{line} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n"
        )
        .into_bytes()
    };
    match kind % 8 {
        0 => b"\x16\x03\x01 no HTTP at all\r\n\r\n".to_vec(),
        1 => head(
            "GET /v1/session",
            &format!("authorization: Bearer {byte}.b.c\r\n"),
            0,
        ),
        2 => head("POST /v1/session/card", "", 1_000_000),
        3 => {
            let body = "[".repeat(16_000);
            [
                head("POST /v1/session/card", "", body.len()),
                body.into_bytes(),
            ]
            .concat()
        }
        4 => head(
            &format!("GET /frame/v1?s={}", "x".repeat(usize::from(byte))),
            "",
            0,
        ),
        5 => [b"GET / HTTP/1.1\r\n".to_vec(), b"x: y\r\n".repeat(300)].concat(),
        6 => head("GET /nothing/%00%ff/..%2f", "", 0),
        _ => head("GET /.well-known/jwks.json", "range: bytes=0-\r\n", 0),
    }
}
