//! Senders that are slow, large or malformed.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum_server::Handle;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use waxseal_tests::{Checkout, TestVerifier, VISA};
use waxseal_verifier::{
    http::{Connections, bind, serve},
    mode::Mode,
    router,
};

/// What the test's verifier grants a header or a body to arrive.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// Connections that the test's verifier takes at once.
pub(crate) const PLACES: u32 = 8;
/// Generous: the machine may be busy.
pub(crate) const AT_MOST: Duration = Duration::from_secs(8);

pub(crate) struct Scene {
    verifier: TestVerifier,
    pub(crate) address: SocketAddr,
    handle: Handle<SocketAddr>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

pub(crate) async fn scene() -> Scene {
    let verifier = TestVerifier::start_with(|config| config.limits.body_timeout_s = 1).await;
    let listener = bind("listen.public", "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Handle::new();
    let router = router::public(&verifier.app);
    let connections = Connections {
        most: PLACES,
        most_per_address: PLACES,
        most_handshakes_per_address: PLACES,
        shared: Vec::new(),
        only_from: Vec::new(),
        write_timeout: PATIENCE,
    };
    let serving = serve(
        listener,
        router,
        None,
        connections,
        PATIENCE,
        handle.clone(),
    );
    tokio::spawn(serving);
    Scene {
        verifier,
        address,
        handle,
    }
}

impl Scene {
    /// Sends `parts`, pausing before each but the first, until the server closes; gives its answer.
    pub(crate) async fn send(&self, parts: &[&[u8]], pause: Duration) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let mut answer = Vec::new();
        let sending = async {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    tokio::time::sleep(pause).await;
                }
                if writer.write_all(part).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        let reading = reader.read_to_end(&mut answer);
        tokio::select! {
            () = sending => {}
            // A reset after the answer is as good as a close.
            _ = reading => {}
            () = tokio::time::sleep(AT_MOST) => panic!("the server still listens"),
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn token(&self) -> (String, String) {
        let shop = self.verifier.shop(Mode::Test, "https://shop.example").await;
        let mut checkout = Checkout::open(&self.verifier, &shop).await;
        let envelope = checkout.fresh(VISA);
        (checkout.token, envelope)
    }
}

fn head(token: &str, length: usize) -> Vec<u8> {
    format!(
        "POST /v1/session/card HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )
    .into_bytes()
}

pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("closed")
}

#[tokio::test]
async fn a_whole_purchase_goes_through_the_socket() {
    let scene = scene().await;
    let (token, envelope) = scene.token().await;
    let body = format!("{{\"envelope\":\"{envelope}\"}}");
    let request = [head(&token, body.len()), body.into_bytes()].concat();
    let answer = scene.send(&[&request], Duration::ZERO).await;
    assert_eq!(status(&answer), "200");
    assert!(
        answer.ends_with(r#"{"status":"accepted","brand":"visa","last4":"4242"}"#),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_that_trickles_in_is_cut_off() {
    let scene = scene().await;
    let (token, _) = scene.token().await;
    let head = head(&token, 6000);
    let mut parts: Vec<&[u8]> = vec![&head];
    parts.extend([b" ".as_slice(); 30]);
    let started = Instant::now();
    let answer = scene.send(&parts, Duration::from_millis(200)).await;
    assert_eq!(status(&answer), "408", "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""));
    assert!(started.elapsed() >= PATIENCE);
}

#[tokio::test]
async fn headers_that_trickle_in_are_cut_off() {
    let scene = scene().await;
    let mut parts: Vec<&[u8]> = vec![b"GET /healthz HTTP/1.1\r\n"];
    parts.extend([b"x: y\r\n".as_slice(); 30]);
    let answer = scene.send(&parts, Duration::from_millis(200)).await;
    assert!(["408", "closed"].contains(&status(&answer)), "{answer}");
}

#[tokio::test]
async fn a_megabyte_is_refused_before_it_is_read() {
    let scene = scene().await;
    let (token, _) = scene.token().await;
    let answer = scene
        .send(&[&head(&token, 1_000_000)], Duration::ZERO)
        .await;
    assert_eq!(status(&answer), "413");
    assert!(answer.contains("\"code\":\"body_too_large\""));
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let scene = scene().await;
    let request = [
        b"GET /healthz HTTP/1.1\r\n".to_vec(),
        b"x: y\r\n".repeat(20_000),
    ]
    .concat();
    let answer = scene.send(&[&request], Duration::ZERO).await;
    assert_eq!(status(&answer), "431", "{answer}");
}

#[tokio::test]
async fn what_is_no_http_gets_no_content_back() {
    let scene = scene().await;
    // Of two lengths the chunked coding's counts (RFC 9112 section 6.3), and no second request follows.
    for (request, wanted) in [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 4242424242424242\r\n\r\n".as_slice(), "400"),
        (b"GET / HTTP/9.9 4242424242424242\r\n\r\n", "400"),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 4242x\r\n\r\n", "400"),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "400"),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\ntransfer-encoding: 4242, gzip\r\n\r\n", "400"),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", "200"),
    ] {
        let answer = scene.send(&[request], Duration::ZERO).await;
        assert_eq!(status(&answer), wanted, "{answer}");
        assert!(!answer.contains("4242"), "{answer}");
    }
}

#[tokio::test]
async fn a_caller_that_reads_no_answer_is_cut_off() {
    let scene = scene().await;
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    let requests = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1000);
    let started = Instant::now();
    // Once both sides' buffers are full nothing moves any more, until the server has had enough.
    let closed = tokio::time::timeout(AT_MOST, async {
        while stream.write_all(&requests).await.is_ok() {}
    });
    assert!(closed.await.is_ok(), "the server still waits");
    assert!(started.elapsed() >= PATIENCE);
}

#[tokio::test]
async fn a_listener_takes_no_more_connections_than_it_has_places() {
    let scene = scene().await;
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..PLACES {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    let mut refused = TcpStream::connect(scene.address).await.unwrap();
    let read = tokio::time::timeout(AT_MOST, refused.read(&mut [0; 1]))
        .await
        .unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    drop(held);
    let status_line = scene.send(
        &[b"GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n"],
        Duration::ZERO,
    );
    assert_eq!(status(&status_line.await), "200");
}
