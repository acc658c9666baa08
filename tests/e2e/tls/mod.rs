//! A verifier's listener with certificates, and callers of every kind, over sockets.

mod authorities;
mod bound_tokens;
mod command;
mod handshakes;
mod public;
mod reload;
mod running;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum_server::Handle;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use waxseal_tests::{Shop, TestPki, TestVerifier};
use waxseal_verifier::{
    clock::{Clock, Timestamp},
    config::Config,
    http::{Connections, bind, serve},
    mode::Mode,
    pki::Issued,
    router,
    store::client_certificates,
};

/// What a listener grants a handshake.
const PATIENCE: Duration = Duration::from_secs(1);
/// Connections that a listener takes at once.
const PLACES: u32 = 4;
/// Generous: the machine may be busy.
const AT_MOST: Duration = Duration::from_secs(8);

/// A private listener whose callers have to come with a certificate, and the authority of these.
struct Scene {
    verifier: TestVerifier,
    pki: TestPki,
    address: SocketAddr,
    handle: Handle<SocketAddr>,
}

/// A connection and what it has read so far.
struct Connected(TlsStream<TcpStream>);

impl Drop for Scene {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Scene {
    async fn open() -> Self {
        Self::open_with(|_, _| ()).await
    }

    async fn open_with(tweak: impl FnOnce(&mut Config, &TestPki)) -> Self {
        // The verifier's clock starts when the authority does.
        let start = Timestamp::from_millis(1_795_000_000_000);
        let pki = TestPki::new(start, 11);
        let verifier = TestVerifier::start_with(|config| {
            config.tls_private = Some(pki.mutual("private"));
            tweak(config, &pki);
        })
        .await;
        assert_eq!(verifier.clock.now(), start);
        let listener = bind("listen.private", "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let handle = Handle::new();
        let connections = Connections {
            most: PLACES,
            most_per_address: PLACES,
            most_handshakes_per_address: PLACES - 1,
            shared: vec![],
            only_from: vec![],
            write_timeout: PATIENCE,
        };
        let router = router::private(&verifier.app);
        let tls = verifier.app.tls.private.clone();
        let serving = serve(listener, router, tls, connections, PATIENCE, handle.clone());
        tokio::spawn(serving);
        Self {
            verifier,
            pki,
            address,
            handle,
        }
    }

    async fn shop(&self) -> Shop {
        self.verifier.shop(Mode::Test, "https://shop.example").await
    }

    /// Has the shop's server be known by that name or pin.
    async fn bind(&self, shop: &Shop, identifier: &str) {
        let id = shop.client_id.clone();
        let (identifier, now) = (identifier.to_owned(), self.verifier.clock.now());
        let bound = self.verifier.app.store.write("bind", move |tx| {
            client_certificates::bind(tx, &id, &identifier, now)
        });
        bound.await.unwrap();
    }

    /// A caller of this authority's, with that certificate or with none.
    fn caller(&self, issued: Option<&Issued>) -> ClientConfig {
        self.pki.caller(issued, self.verifier.clock.now())
    }

    async fn connect(&self, caller: ClientConfig) -> io::Result<Connected> {
        let stream = TcpStream::connect(self.address).await?;
        Self::connect_over(stream, caller).await
    }

    async fn connect_over(stream: TcpStream, caller: ClientConfig) -> io::Result<Connected> {
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(caller));
        let handshake = timeout(AT_MOST, connector.connect(name, stream));
        handshake.await.unwrap().map(Connected)
    }

    /// Asks for the cards on a connection of its own.
    async fn ask(&self, caller: ClientConfig, authorization: Option<&str>) -> io::Result<String> {
        let mut connected = self.connect(caller).await?;
        connected.ask("/v1/cards", authorization).await
    }

    /// The listener still answers whoever comes as they should.
    async fn assert_undisturbed(&self) {
        let shop = self
            .verifier
            .shop(Mode::Test, "https://other.example")
            .await;
        let name = format!("undisturbed-{}", shop.client_id.replace('_', "-"));
        let issued = self.pki.client(&name);
        self.bind(&shop, &format!("dns:{name}")).await;
        let answer = self.ask(self.caller(Some(&issued)), None).await.unwrap();
        assert_eq!(status(&answer), "200", "{answer}");
    }
}

impl Connected {
    /// The whole answer. In TLS 1.3 a client learns only here that its certificate was refused.
    async fn ask(&mut self, path: &str, authorization: Option<&str>) -> io::Result<String> {
        let authorization =
            authorization.map_or_else(String::new, |value| format!("authorization: {value}\r\n"));
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{authorization}\r\n");
        self.send(&request).await
    }

    /// Sends bytes of the test's own; gives the whole answer.
    async fn send(&mut self, request: &str) -> io::Result<String> {
        self.0.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        loop {
            let mut part = [0; 4096];
            let read = timeout(AT_MOST, self.0.read(&mut part)).await.unwrap()?;
            if read == 0 {
                break;
            }
            answer.extend_from_slice(&part[..read]);
            if is_whole(&answer) {
                break;
            }
        }
        Ok(String::from_utf8(answer).unwrap())
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse() == Ok(body.len()))
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("closed")
}

fn code(answer: &str) -> &str {
    let after = answer.split("\"code\":\"").nth(1).unwrap_or("");
    after.split('"').next().unwrap_or("")
}

/// The alert that ended it, as rustls names it.
fn alert(outcome: &io::Result<String>) -> String {
    match outcome {
        Ok(answer) => format!("no alert, but {answer}"),
        Err(error) => error.to_string(),
    }
}
