//! Senders of too much: bytes, headers, connections, requests.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    hostile::{AT_MOST, PATIENCE, PLACES, scene, status},
    server::Server,
};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
const MIB: usize = 1 << 20;

#[tokio::test]
async fn a_hundred_megabytes_of_headers_are_not_taken() {
    let scene = scene().await;
    for line in [format!("x: {}\r\n", "y".repeat(1000)), "y".repeat(1000)] {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        writer
            .write_all(b"GET /healthz HTTP/1.1\r\nx: ")
            .await
            .unwrap();
        let part = line.repeat(64);
        let mut sent = 0;
        let sending = async {
            while sent < 100 * MIB && writer.write_all(part.as_bytes()).await.is_ok() {
                sent += part.len();
            }
        };
        tokio::time::timeout(AT_MOST, sending).await.unwrap();
        // What the two systems' buffers hold may have been sent in vain.
        assert!(sent < 32 * MIB, "{sent} bytes were taken");
        let mut answer = Vec::new();
        // A reset may have overtaken the answer.
        drop(reader.read_to_end(&mut answer).await);
        let answer = String::from_utf8_lossy(&answer);
        assert!(["431", "closed"].contains(&status(&answer)), "{answer}");
    }
    let alive = scene.send(
        &[b"GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n"],
        Duration::ZERO,
    );
    assert_eq!(status(&alive.await), "200");
}

#[tokio::test]
async fn a_request_has_a_hundred_headers_at_most() {
    let scene = scene().await;
    for (more, wanted) in [(98, "200"), (99, "431")] {
        let request = [
            b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n".to_vec(),
            b"x: y\r\n".repeat(more),
            b"\r\n".to_vec(),
        ]
        .concat();
        let answer = scene.send(&[&request], Duration::ZERO).await;
        assert_eq!(status(&answer), wanted, "{answer}");
    }
}

#[tokio::test]
async fn idle_connections_lose_their_places() {
    let scene = scene().await;
    let mut idle = Vec::new();
    for number in 0..PLACES {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        // Half of them have been answered before.
        if number % 2 == 0 {
            stream.write_all(REQUEST).await.unwrap();
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.unwrap();
            assert_eq!(&first, b"HTTP/1.1 200");
        }
        idle.push(stream);
    }
    let started = Instant::now();
    for mut stream in idle {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(AT_MOST, stream.read_to_end(&mut rest));
        // By a reset or properly.
        drop(closed.await.expect("the server still waits"));
    }
    assert!(started.elapsed() >= PATIENCE / 2);
    let served = scene.send(
        &[b"GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n"],
        Duration::ZERO,
    );
    assert_eq!(status(&served.await), "200");
}

#[test]
fn requests_over_the_limit_are_refused_by_the_running_verifier_until_it_says() {
    let server = Server::start(&[
        ("WAXSEAL_VERIFIER__LIMITS__HEALTH_PER_S", "1"),
        ("WAXSEAL_VERIFIER__LIMITS__HEALTH_BURST", "2"),
    ]);
    let mut statuses = Vec::new();
    let mut last = String::new();
    for _ in 0..20 {
        last = ask(server.public);
        statuses.push(status(&last).to_owned());
    }
    assert_eq!(statuses[..3], ["200"; 3]);
    assert!(statuses.contains(&"429".to_owned()), "{statuses:?}");
    while status(&last) != "429" {
        last = ask(server.public);
    }
    assert!(last.contains("retry-after: 1\r\n"), "{last}");
    assert!(last.contains("ratelimit: \"health\";r=0;t=1\r\n"), "{last}");
    assert!(last.contains("\"code\":\"rate_limited\""), "{last}");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(status(&ask(server.public)), "200");
    assert!(
        server
            .metrics()
            .contains("waxseal_rate_limited_total{limit=\"health\"}")
    );
}

pub(crate) fn ask(address: SocketAddr) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
