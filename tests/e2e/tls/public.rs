//! The public listener over TLS, or behind proxies that end it; and the console's.

use std::{net::SocketAddr, sync::Arc};

use axum_server::Handle;
use rustls::{ClientConfig, HandshakeKind, client::Resumption, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use waxseal_tests::{TestPki, TestVerifier};
use waxseal_verifier::{
    clock::Timestamp,
    http::{Connections, bind, serve},
    router,
};

use super::{Connected, PATIENCE, PLACES, code, status};

const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);

async fn connect(address: SocketAddr, caller: &Arc<ClientConfig>) -> Connected {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::clone(caller));
    Connected(connector.connect(name, stream).await.unwrap())
}

fn bounds(only_from: &str) -> Connections {
    Connections {
        most: PLACES,
        most_per_address: PLACES,
        most_handshakes_per_address: PLACES,
        shared: vec![],
        only_from: vec![only_from.parse().unwrap()],
        write_timeout: PATIENCE,
    }
}

#[tokio::test]
async fn browsers_resume_their_sessions_and_no_certificate_is_asked_of_them() {
    let pki = TestPki::new(START, 11);
    let verifier = TestVerifier::start_with(|config| {
        config.tls_public = Some(pki.listener("public"));
    })
    .await;
    let listener = bind("listen.public", "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Handle::new();
    let tls = verifier.app.tls.public.clone();
    let router = router::public(&verifier.app);
    let serving = serve(
        listener,
        router,
        tls,
        bounds("127.0.0.0/8"),
        PATIENCE,
        handle.clone(),
    );
    tokio::spawn(serving);

    let mut caller = pki.caller(None, START);
    caller.resumption = Resumption::in_memory_sessions(8);
    caller.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let caller = Arc::new(caller);
    let mut first = connect(address, &caller).await;
    assert_eq!(first.0.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let answer = first.ask("/healthz", None).await.unwrap();
    assert_eq!(status(&answer), "200");
    // A new certificate leaves the tickets of the former in use.
    let issued = waxseal_verifier::pki::Issued::at(&pki.path("public"));
    pki.renew(&issued, START);
    assert!(waxseal_verifier::upkeep::reload_certificates(&verifier.app).await);
    let second = connect(address, &caller).await;
    let kind = second.0.get_ref().1.handshake_kind();
    assert_eq!(kind, Some(HandshakeKind::Resumed));
    // An operator's or a merchant's request is not here.
    let answer = first.ask("/v1/cards", None).await.unwrap();
    assert_eq!(code(&answer), "not_found");
    handle.shutdown();
}

#[tokio::test]
async fn who_is_not_in_the_listeners_networks_is_not_even_answered() {
    let verifier = TestVerifier::start().await;
    for (only_from, is_answered) in [("127.0.0.0/8", true), ("192.0.2.0/24", false)] {
        let listener = bind("listen.console", "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let handle = Handle::new();
        let router = router::console(&verifier.app);
        let serving = serve(
            listener,
            router,
            None,
            bounds(only_from),
            PATIENCE,
            handle.clone(),
        );
        tokio::spawn(serving);
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /v1/keys HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        // Closed before it has been read, or after.
        stream.write_all(request).await.ok();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).await.ok();
        assert_eq!(answer.starts_with(b"HTTP/1.1 401"), is_answered);
        handle.shutdown();
    }
}
