//! Calls to servers on this machine, by names that a test answers.

use std::{
    collections::VecDeque,
    io::{self, Write},
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::{HeaderValue, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use super::{Bounds, Call, CallError, Destination, Outbound, Resolve, Resolving};
use crate::{
    clock::{Clock, MockClock, Timestamp},
    config,
};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(5),
    answer_bytes: 1000,
};

/// Answers each look-up with the next of its answers; the last one stays.
struct Scripted(Mutex<VecDeque<Vec<IpAddr>>>);

impl Resolve for Scripted {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        Box::pin(async {
            let mut answers = self.0.lock().unwrap();
            match answers.len() {
                0 => Err(io::Error::other("no such name")),
                1 => Ok(answers[0].clone()),
                _ => Ok(answers.pop_front().unwrap()),
            }
        })
    }
}

fn outbound(config: &config::Outbound, answers: &[&[&str]]) -> Outbound {
    let answers = answers.iter().map(|answer| {
        let answer = answer.iter();
        answer.map(|ip| ip.parse().unwrap()).collect()
    });
    let resolver = Scripted(Mutex::new(answers.collect()));
    let clock: Arc<dyn Clock> = Arc::new(MockClock::new(NOW));
    Outbound::with_resolver(config, &clock, Arc::new(resolver)).unwrap()
}

/// Plain HTTP to 127.0.0.1 and nowhere else.
fn local() -> config::Outbound {
    config::Outbound {
        private_networks: vec!["127.0.0.1/32".parse().unwrap()],
        ca_file: None,
        plain_http_on_loopback: true,
    }
}

/// Answers every connection at `ip` with `answer`, then closes it, or holds it open.
async fn server(ip: &str, answer: Vec<u8>, holds: bool) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut held = vec![];
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _read = stream.read(&mut request).await;
            let _written = stream.write_all(&answer).await;
            if holds {
                held.push(stream);
            }
        }
    });
    (port, task)
}

fn ok(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").into()
}

async fn get(outbound: &Outbound, url: &str) -> Result<super::Answer, CallError> {
    outbound
        .call(Call::get(Destination::parse(url)?), BOUNDS)
        .await
}

async fn refusal(outbound: &Outbound, url: &str) -> CallError {
    get(outbound, url).await.err().expect("no answer")
}

#[tokio::test]
async fn a_name_that_answers_otherwise_later_leads_nowhere_else() {
    let (port, server) = server("0.0.0.0", ok("hello"), false).await;
    let url = format!("http://rebinding.example:{port}/");
    let outbound = outbound(&local(), &[&["127.0.0.1"], &["127.0.0.2"], &["10.0.0.1"]]);
    let answer = get(&outbound, &url).await.unwrap();
    assert_eq!(
        (answer.status, &answer.body[..]),
        (StatusCode::OK, &b"hello"[..])
    );
    for _ in 0..2 {
        assert_eq!(refusal(&outbound, &url).await, CallError::AddressRefused);
    }
    server.abort();
}

#[tokio::test]
async fn of_several_addresses_only_those_that_may_be_called_are() {
    let (port, server) = server("127.0.0.2", ok("private"), false).await;
    let outbound = outbound(&local(), &[&["127.0.0.2", "::1", "127.0.0.1"]]);
    // Nobody listens at 127.0.0.1; the others are not even tried.
    let refused = refusal(&outbound, &format!("http://a.example:{port}/")).await;
    assert_eq!(refused, CallError::Unreachable);
    server.abort();
}

#[tokio::test]
async fn addresses_in_urls_and_mapped_ones_are_checked_too() {
    let (port, server) = server("0.0.0.0", ok("hello"), false).await;
    let outbound = outbound(&local(), &[&["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"]]);
    for host in [
        "127.0.0.2",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            assert_eq!(
                refusal(&outbound, &url).await,
                CallError::AddressRefused,
                "{url}"
            );
        }
    }
    for _ in 0..2 {
        let refused = refusal(&outbound, &format!("https://a.example:{port}/")).await;
        assert_eq!(refused, CallError::AddressRefused);
    }
    assert!(
        get(&outbound, &format!("http://127.0.0.1:{port}/"))
            .await
            .is_ok()
    );
    server.abort();
}

#[tokio::test]
async fn plain_http_is_for_loopback_where_that_is_allowed() {
    let (port, server) = server("127.0.0.1", ok("hello"), false).await;
    let url = format!("http://127.0.0.1:{port}/");
    let strict = config::Outbound {
        plain_http_on_loopback: false,
        ..local()
    };
    let refused = refusal(&outbound(&strict, &[]), &url).await;
    assert_eq!(refused, CallError::UrlRefused);
    // A public address, and a private one that is named, speak TLS.
    let wide = config::Outbound {
        private_networks: vec!["0.0.0.0/0".parse().unwrap()],
        ..local()
    };
    for address in ["1.1.1.1", "10.0.0.1"] {
        let refused = refusal(&outbound(&wide, &[&[address]]), "http://a.example/").await;
        assert_eq!(refused, CallError::AddressRefused);
    }
    server.abort();
}

#[tokio::test]
async fn without_a_network_nothing_on_this_machine_is_called() {
    let (port, server) = server("127.0.0.1", ok("hello"), false).await;
    let none = config::Outbound {
        private_networks: vec![],
        ..local()
    };
    let outbound = outbound(&none, &[&["127.0.0.1"]]);
    for host in ["localhost", "127.0.0.1"] {
        let refused = refusal(&outbound, &format!("http://{host}:{port}/")).await;
        assert_eq!(refused, CallError::AddressRefused);
    }
    server.abort();
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let (other, target) = server("127.0.0.1", ok("other"), false).await;
    let moved = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{other}/\r\ncontent-length: 0\r\n\r\n"
    );
    let (port, server) = server("127.0.0.1", moved.into(), false).await;
    let answer = get(
        &outbound(&local(), &[]),
        &format!("http://127.0.0.1:{port}/"),
    )
    .await
    .unwrap();
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(answer.body.is_empty());
    server.abort();
    target.abort();
}

#[tokio::test]
async fn an_answer_has_a_time() {
    let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhell".to_vec();
    for answer in [begun, b"HTTP/1.1 200 OK\r\n".to_vec(), vec![]] {
        let (port, server) = server("127.0.0.1", answer, true).await;
        let bounds = Bounds {
            time: Duration::from_millis(200),
            ..BOUNDS
        };
        let to = Destination::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let outbound = outbound(&local(), &[]);
        let refused = outbound.call(Call::get(to), bounds).await.err();
        assert_eq!(refused, Some(CallError::TimedOut));
        server.abort();
    }
}

#[tokio::test]
async fn an_answer_has_a_size() {
    let head = "HTTP/1.1 200 OK\r\n";
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let chunk = format!("200\r\n{}\r\n", "a".repeat(0x200));
    for (answer, expected) in [
        (
            format!("{head}content-length: 1001\r\n\r\n"),
            CallError::AnswerTooLarge,
        ),
        (
            format!("{chunked}{}", chunk.repeat(1000)),
            CallError::AnswerTooLarge,
        ),
        (
            format!("{head}\r\n{}", "a".repeat(100_000)),
            CallError::AnswerTooLarge,
        ),
        (
            format!("{head}a: {}", "a".repeat(100_000)),
            CallError::BrokenAnswer,
        ),
        (
            format!("{head}content-length: 5\r\n\r\nhell"),
            CallError::BrokenAnswer,
        ),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), CallError::BrokenAnswer),
    ] {
        let (port, server) = server("127.0.0.1", answer.into(), false).await;
        let url = format!("http://127.0.0.1:{port}/");
        let refused = refusal(&outbound(&local(), &[]), &url).await;
        assert_eq!(refused, expected);
        server.abort();
    }
    let (port, server) = server("127.0.0.1", ok(&"a".repeat(1000)), false).await;
    let answer = get(
        &outbound(&local(), &[]),
        &format!("http://127.0.0.1:{port}/"),
    )
    .await;
    assert_eq!(answer.unwrap().body.len(), 1000);
    server.abort();
}

#[tokio::test]
async fn names_and_ports_that_nobody_answers_for() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let outbound = outbound(&local(), &[]);
    let refused = refusal(&outbound, &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(refused, CallError::Unreachable);
    let refused = refusal(&outbound, "https://nowhere.example/").await;
    assert_eq!(refused, CallError::NoAddress);
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_it_is_named() {
    let pki = Pki::new();
    let (port, server) = pki.server().await;
    let trusting = config::Outbound {
        ca_file: Some(pki.ca.path().to_owned()),
        ..local()
    };
    let hook = |host: &str| {
        let to = Destination::parse(&format!("https://{host}:{port}/hook")).unwrap();
        Call::post(to, HeaderValue::from_static("text/plain"), "ping")
    };
    let answers: &[&[&str]] = &[&["127.0.0.1"]];
    let outbound_trusting = outbound(&trusting, answers);
    let answer = outbound_trusting.call(hook("localhost"), BOUNDS).await;
    assert_eq!(&answer.unwrap().body[..], b"POST /hook ping");
    // Another name than the certificate's, and an authority that nobody named.
    let refused = outbound_trusting.call(hook("other.example"), BOUNDS).await;
    assert_eq!(refused.err(), Some(CallError::Tls));
    let refused = outbound(&local(), answers)
        .call(hook("localhost"), BOUNDS)
        .await;
    assert_eq!(refused.err(), Some(CallError::Tls));
    // After its last day.
    let clock = MockClock::new(NOW);
    clock.advance_millis(101 * 24 * 60 * 60 * 1000);
    let clock: Arc<dyn Clock> = Arc::new(clock);
    let resolver = Scripted(Mutex::new([vec![[127, 0, 0, 1].into()]].into()));
    let late = Outbound::with_resolver(&trusting, &clock, Arc::new(resolver)).unwrap();
    let refused = late.call(hook("localhost"), BOUNDS).await;
    assert_eq!(refused.err(), Some(CallError::Tls));
    server.abort();
}

#[test]
fn a_file_without_certificates_is_said() {
    let file = NamedTempFile::new().unwrap();
    let config = config::Outbound {
        ca_file: Some(file.path().to_owned()),
        ..local()
    };
    let clock: Arc<dyn Clock> = Arc::new(MockClock::new(NOW));
    let refused = Outbound::new(&config, &clock).err().unwrap().to_string();
    assert!(refused.contains("outbound.ca_file"), "{refused}");
}

/// An authority in a file and a server's certificate for `localhost`, good for this year.
struct Pki {
    ca: NamedTempFile,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Pki {
    fn new() -> Self {
        let (ca_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut authority = CertificateParams::new(vec![]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let mut ca = NamedTempFile::new().unwrap();
        let pem = authority.self_signed(&ca_key).unwrap().pem();
        ca.write_all(pem.as_bytes()).unwrap();
        let mut server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        server.not_before = date_time_ymd(2026, 1, 1);
        server.not_after = date_time_ymd(2027, 1, 1);
        let issuer = Issuer::new(authority, ca_key);
        let certificate = server.signed_by(&key, &issuer).unwrap().der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Self {
            ca,
            certificate,
            key,
        }
    }

    /// Answers each request with its method, path and body.
    async fn server(&self) -> (u16, JoinHandle<()>) {
        let (chain, key) = (vec![self.certificate.clone()], self.key.clone_key());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut request = String::new();
                    while !request.ends_with("ping") {
                        let mut read = [0; 1024];
                        let length = stream.read(&mut read).await.unwrap();
                        request.push_str(std::str::from_utf8(&read[..length]).unwrap());
                    }
                    let line = request.split(" HTTP").next().unwrap();
                    stream
                        .write_all(&ok(&format!("{line} ping")))
                        .await
                        .unwrap();
                }
            }
        });
        (port, task)
    }
}
