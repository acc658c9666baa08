//! One address that takes all the connections it can get, and another that wants one.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use tokio::net::TcpSocket;

use crate::server::Server;

/// Generous: the machine may be busy.
const AT_MOST: Duration = Duration::from_secs(8);
/// More than the console's places.
const MANY: usize = 80;

#[test]
fn one_address_does_not_shut_others_out_of_console_and_private_listener() {
    let server = Server::start(&[
        ("WAXSEAL_VERIFIER__LIMITS__CONNECTIONS", "64"),
        (
            "WAXSEAL_VERIFIER__LIMITS__PRIVATE_CONNECTIONS_PER_ADDRESS",
            "16",
        ),
    ]);
    for listener in ["console", "private"] {
        let address = server.address(listener);
        let held: Vec<_> = (0..MANY).map(|_| TcpStream::connect(address)).collect();
        assert!(!is_answered(address, "127.0.0.1"), "{listener}");
        assert!(is_answered(address, "127.0.0.2"), "{listener}");
        drop(held);
    }
}

#[test]
fn from_elsewhere_than_its_networks_nobody_reaches_the_private_listener() {
    let networks = r#"["127.0.0.1/32"]"#;
    let server = Server::start(&[("WAXSEAL_VERIFIER__LISTEN__PRIVATE_NETWORKS", networks)]);
    assert!(is_answered(server.address("private"), "127.0.0.1"));
    assert!(!is_answered(server.address("private"), "127.0.0.2"));
    assert!(is_answered(server.public, "127.0.0.2"));
}

/// Whether a request on a connection from that address of this machine is answered.
fn is_answered(to: SocketAddr, from: &str) -> bool {
    let connecting = async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    let mut stream = runtime.unwrap().block_on(connecting);
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(AT_MOST)).unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    // One that is closed at once is reset, here or there.
    let _ = stream.write_all(request);
    let _ = stream.read_to_string(&mut answer);
    answer.starts_with("HTTP/1.1 200")
}
