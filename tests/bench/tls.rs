//! What TLS costs: processor time of a handshake against OpenSSL's, requests a second against plain
//! HTTP's, and memory of 10,000 connections that are idle.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use hyper::body::Bytes;
use rustls::{
    ClientConfig,
    crypto::aws_lc_rs::{default_provider, kx_group::X25519},
    pki_types::ServerName,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use waxseal_tests::{Engine, TestPki};
use waxseal_verifier::{
    clock::{Clock, SystemClock},
    config::Tls,
};

use crate::{
    figure::print,
    load::{Prepared, send_all_over},
    server::{Server, Stopped, process_time},
    workload::create_sessions,
};

const CONNECTIONS: usize = 64;
const IDLE: usize = 10_000;
const START_AT_MOST: Duration = Duration::from_secs(30);

pub(crate) fn measure(binary: &Path, assets: &Path, quick: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let share = if quick { 10 } else { 1 };
    runtime.block_on(async {
        let pki = TestPki::new(SystemClock.now(), 1);
        let server = start(binary, assets, &pki).await;
        handshakes(&server, &pki, 5_000 / share).await;
        requests(&server, binary, assets, &pki, 60_000 / share).await;
        drop(server);
        idle(binary, assets, &pki).await;
    });
}

/// With certificates on the public listener, and on the private one of callers too.
async fn start(binary: &Path, assets: &Path, pki: &TestPki) -> Server {
    let mut stopped = Stopped::new(binary, assets, Engine::Sqlite);
    // The folder's name tells one start's files from another's.
    let stem =
        |name: &str| format!("{name}-{}", stopped.installation.folder.display()).replace('/', "_");
    let (public, private) = (pki.listener(&stem("public")), pki.mutual(&stem("private")));
    for (section, tls) in [("TLS_PUBLIC", public), ("TLS_PRIVATE", private)] {
        give(&mut stopped, section, &tls);
    }
    for (option, value) in [
        ("LIMITS__CONNECTIONS", "16384"),
        ("LIMITS__CONNECTIONS_PER_ADDRESS", "16384"),
        ("LIMITS__PRIVATE_CONNECTIONS_PER_ADDRESS", "65536"),
        ("LIMITS__HEADER_TIMEOUT_S", "300"),
    ] {
        stopped.installation.set(option, value);
    }
    let server = stopped.spawn();
    let caller = Arc::new(pki.caller(None, SystemClock.now()));
    let started = Instant::now();
    while TcpStream::connect(server.running.public).await.is_err() {
        assert!(
            started.elapsed() < START_AT_MOST,
            "the verifier does not listen"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Connections are taken before there is anything to answer with.
    drop(connect(server.running.public, &caller).await);
    server
}

fn give(stopped: &mut Stopped, section: &str, tls: &Tls) {
    let files = [
        ("CERT", Some(&tls.cert)),
        ("KEY", Some(&tls.key)),
        ("CLIENT_CA", tls.client_ca.as_ref()),
        ("CRL", tls.crl.as_ref()),
    ];
    for (option, file) in files {
        if let Some(file) = file {
            let file = file.to_str().expect("UTF-8");
            stopped
                .installation
                .set(&format!("{section}__{option}"), file);
        }
    }
}

/// One handshake after another, each whole, with the same curve and kind of certificate on both sides. Their
/// turns alternate.
async fn handshakes(server: &Server, pki: &TestPki, count: usize) {
    let issued = pki.server("openssl");
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let mut openssl = Command::new("openssl")
        .args([
            "s_server",
            "-www",
            "-quiet",
            "-accept",
            &address.to_string(),
        ])
        .arg("-cert")
        .arg(&issued.certificate)
        .arg("-key")
        .arg(&issued.key)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl");
    let mut provider = default_provider();
    // What OpenSSL 3.0 has too.
    provider.kx_groups = vec![X25519];
    let caller = Arc::new(pki.caller_with(provider, SystemClock.now()));
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    let turns = 10;
    for turn in 0..=turns {
        let before = (server.processor_time(), of_child(&openssl));
        for to in [server.running.public, address] {
            for _ in 0..count / turns {
                full_handshake(to, &caller).await;
            }
        }
        // The first is to warm up.
        if turn > 0 {
            ours += server.processor_time().saturating_sub(before.0);
            theirs += of_child(&openssl).saturating_sub(before.1);
        }
    }
    openssl.kill().expect("it runs");
    openssl.wait().expect("it ends");
    eprintln!("{count} handshakes: {ours:?} of the verifier's, {theirs:?} of OpenSSL's");
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    print("tls_handshake_cpu_over_openssl_ratio", ratio, "", count);
}

fn of_child(child: &Child) -> Duration {
    process_time(&child.id().to_string())
}

async fn full_handshake(to: SocketAddr, caller: &Arc<ClientConfig>) {
    let mut stream = connect(to, caller).await;
    stream.shutdown().await.expect("an end");
    // Until the server has ended it too.
    drop(stream.read_to_end(&mut vec![]).await);
}

async fn connect(to: SocketAddr, caller: &Arc<ClientConfig>) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(to).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::clone(caller));
    connector.connect(name, stream).await.expect("a handshake")
}

/// What the frame asks first, over connections that stay.
async fn requests(server: &Server, binary: &Path, assets: &Path, pki: &TestPki, count: usize) {
    let plain = Stopped::new(binary, assets, Engine::Sqlite).start();
    let known = Arc::new(pki.caller(Some(&pki.client("load")), SystemClock.now()));
    let caller = Arc::new(pki.caller(None, SystemClock.now()));
    let over_tls = of_sessions(&create_sessions(server, Some(&known), 1_000).await, count);
    let over_plain = of_sessions(&create_sessions(&plain, None, 1_000).await, count);
    let (mut tls_s, mut plain_s) = (0.0, 0.0);
    let turns = 6;
    for turn in 0..turns {
        let range = turn * count / turns..(turn + 1) * count / turns;
        let to = (server.running.public, Some(&caller));
        let run = send_all_over(to, &over_tls, range.clone(), CONNECTIONS, false).await;
        assert_eq!(run.failed, 0, "requests failed");
        tls_s += run.elapsed.as_secs_f64();
        let to = (plain.running.public, None);
        let run = send_all_over(to, &over_plain, range, CONNECTIONS, false).await;
        assert_eq!(run.failed, 0, "requests failed");
        plain_s += run.elapsed.as_secs_f64();
    }
    eprintln!("{count} requests: {tls_s:.2} s over TLS, {plain_s:.2} s over plain HTTP");
    print("tls_keepalive_over_plain_ratio", plain_s / tls_s, "", count);
}

fn of_sessions(sessions: &[Value], count: usize) -> Arc<Vec<Prepared>> {
    let requests = (0..count).map(|at| {
        let session = &sessions[at % sessions.len()];
        let token = session["client_token"].as_str().expect("a token");
        Prepared {
            path: "/v1/session".to_owned(),
            authorization: format!("Bearer {token}"),
            body: Bytes::new(),
        }
    });
    Arc::new(requests.collect())
}

/// Nine in ten are browsers', the others servers' with a certificate of their own. Each listener has places
/// of its own, half as many as the process may have files.
async fn idle(binary: &Path, assets: &Path, pki: &TestPki) {
    let server = start(binary, assets, pki).await;
    let browser = Arc::new(pki.caller(None, SystemClock.now()));
    let backend = Arc::new(pki.caller(Some(&pki.client("idle")), SystemClock.now()));
    let before = megabytes(&server);
    let mut held = Vec::with_capacity(IDLE);
    for at in 0..IDLE {
        let (to, caller) = match at % 10 {
            0 => (server.running.private, &backend),
            _ => (server.running.public, &browser),
        };
        held.push(connect(to, caller).await);
    }
    let connected = megabytes(&server);
    // Each has answered, so each is there, and then waits.
    for stream in &mut held {
        let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(request).await.expect("it is open");
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.expect("an answer");
        assert_eq!(&status, b"HTTP/1.1 200");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let answered = megabytes(&server);
    eprintln!(
        "resident: {before:.1} MB without connections, {connected:.1} MB after the handshakes"
    );
    print("idle_10k_rss_mb", answered, "MB", held.len());
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn megabytes(server: &Server) -> f64 {
    server.resident_bytes() as f64 / 1e6
}
