//! Callers that are turned away before they have asked for anything.

use std::process::Command;

use rustls::{ClientConfig, HandshakeKind, client::Resumption, version::TLS12};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout},
};
use waxseal_tests::TestPki;
use waxseal_verifier::{clock::Clock, config::ClientCertificates};

use super::{AT_MOST, PATIENCE, PLACES, Scene, alert, code, status};

#[tokio::test]
async fn a_caller_with_a_certificate_of_the_authority_is_let_in() {
    let scene = Scene::open().await;
    let connected = scene.connect(scene.caller(Some(&scene.pki.client("backend"))));
    let mut connected = connected.await.unwrap();
    let tls = connected.0.get_ref().1;
    assert_eq!(
        tls.protocol_version(),
        Some(rustls::ProtocolVersion::TLSv1_3)
    );
    assert_eq!(tls.alpn_protocol(), None);
    // Nobody is known by it yet.
    let answer = connected.ask("/v1/cards", None).await.unwrap();
    assert_eq!((status(&answer), code(&answer)), ("401", "unauthenticated"));
    let answer = connected.ask("/healthz", None).await.unwrap();
    assert_eq!(status(&answer), "200");
}

#[tokio::test]
async fn the_hybrid_key_exchange_is_used_where_the_caller_offers_it() {
    use rustls::crypto::aws_lc_rs::{
        default_provider,
        kx_group::{SECP256R1, X25519, X25519MLKEM768},
    };
    let scene = Scene::open().await;
    let certified = scene.caller(Some(&scene.pki.client("backend")));
    for (offered, wanted) in [
        (vec![X25519MLKEM768, X25519], X25519MLKEM768),
        (vec![X25519, SECP256R1, X25519MLKEM768], X25519MLKEM768),
        (vec![X25519, SECP256R1], X25519),
        (vec![SECP256R1], SECP256R1),
    ] {
        let mut provider = default_provider();
        provider.kx_groups = offered;
        let now = scene.verifier.clock.now();
        let mut caller = scene.pki.caller_with(provider, now);
        caller.client_auth_cert_resolver = certified.client_auth_cert_resolver.clone();
        let connected = scene.connect(caller).await.unwrap();
        let used = connected.0.get_ref().1.negotiated_key_exchange_group();
        assert_eq!(used.unwrap().name(), wanted.name());
    }
}

#[tokio::test]
async fn certificates_that_are_none_of_the_authoritys_end_in_an_alert() {
    let scene = Scene::open().await;
    let now = scene.verifier.clock.now();
    let expired = scene
        .pki
        .client_for("expired", 1, now.plus_seconds(-86_400 * 3));
    let early = scene
        .pki
        .client_for("early", 1, now.plus_seconds(86_400 * 3));
    let revoked = scene.pki.client("revoked");
    scene.pki.revoke(&revoked);
    assert!(
        scene
            .verifier
            .app
            .tls
            .private
            .as_ref()
            .unwrap()
            .reload()
            .unwrap()
    );
    let stranger = TestPki::new(now, 12);
    let unknown = stranger.client("backend");
    // A listener's certificate is no caller's.
    let server = scene.pki.server("other");
    for (issued, wanted) in [
        (Some(&expired), "CertificateExpired"),
        (Some(&early), "CertificateExpired"),
        (Some(&revoked), "CertificateRevoked"),
        (Some(&unknown), "UnknownCA"),
        (Some(&server), "UnsupportedCertificate"),
        (None, "CertificateRequired"),
    ] {
        let outcome = scene.ask(scene.caller(issued), None).await;
        let alert = alert(&outcome);
        assert!(alert.contains(wanted), "{wanted}: {alert}");
    }
    scene.assert_undisturbed().await;
    let app = &scene.verifier.app;
    waxseal_verifier::upkeep::log_refused_handshakes(app)
        .await
        .unwrap();
    let logged = scene.verifier.database.texts(
        "SELECT reason FROM audit WHERE action = 'handshake.refused' AND code = 'unauthenticated'
             AND length(ip_digest) = 16 AND count = 1 ORDER BY reason",
    );
    let wanted = [
        "expired",
        "missing",
        "not_valid_yet",
        "purpose",
        "revoked",
        "unknown_issuer",
    ];
    assert_eq!(
        logged,
        wanted.map(|reason| format!("private certificate_{reason}"))
    );
    // They are failed authentications of one address, and nothing is told twice.
    scene.verifier.look().await;
    let database = &scene.verifier.database;
    assert_eq!(
        database.number("SELECT count(*) FROM alert WHERE kind = 'auth_failures'"),
        1
    );
    waxseal_verifier::upkeep::log_refused_handshakes(app)
        .await
        .unwrap();
    let refused = "SELECT count(*) FROM audit WHERE action = 'handshake.refused'";
    assert_eq!(database.number(refused), 6);
}

/// It would not be held against the revocation list again.
#[tokio::test]
async fn a_session_with_a_certificate_is_not_resumed() {
    let scene = Scene::open().await;
    let mut caller = scene.caller(Some(&scene.pki.client("backend")));
    caller.resumption = Resumption::in_memory_sessions(8);
    for _ in 0..2 {
        let mut connected = scene.connect(caller.clone()).await.unwrap();
        connected.ask("/healthz", None).await.unwrap();
        let kind = connected.0.get_ref().1.handshake_kind();
        assert_ne!(kind, Some(HandshakeKind::Resumed));
    }
}

#[tokio::test]
async fn a_caller_of_another_protocol_ends_in_an_alert() {
    let scene = Scene::open().await;
    let issued = scene.pki.client("backend");
    let old = {
        let caller = scene.caller(Some(&issued));
        let mut old = ClientConfig::builder_with_provider(caller.crypto_provider().clone())
            .with_protocol_versions(&[&TLS12])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(std::sync::Arc::new(trusting::Anyone))
            .with_no_client_auth();
        old.client_auth_cert_resolver = caller.client_auth_cert_resolver.clone();
        old
    };
    let outcome = scene.ask(old, None).await;
    assert!(alert(&outcome).contains("ProtocolVersion"), "{outcome:?}");
    let mut http2 = scene.caller(Some(&issued));
    http2.alpn_protocols = vec![b"h2".to_vec()];
    let outcome = scene.ask(http2, None).await;
    assert!(
        alert(&outcome).contains("NoApplicationProtocol"),
        "{outcome:?}"
    );
    scene.assert_undisturbed().await;
}

#[tokio::test]
async fn another_tls_library_meets_the_same() {
    let scene = Scene::open().await;
    let issued = scene.pki.client("backend");
    let s_client = |more: &[&str]| {
        let (address, now) = (scene.address.to_string(), scene.verifier.clock.now());
        let ca = scene.pki.path("ca.crt");
        let mut command = Command::new("openssl");
        command
            .args(["s_client", "-brief", "-verify_return_error"])
            .args(["-servername", "localhost", "-verify_hostname", "localhost"])
            .args(["-attime", &now.seconds().to_string()])
            .args(["-connect", &address, "-CAfile"])
            .arg(ca)
            .args(more)
            .stdin(std::process::Stdio::null());
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        async move {
            let output = run.await.unwrap();
            let said = [output.stdout, output.stderr].concat();
            String::from_utf8_lossy(&said).into_owned()
        }
    };
    let certificate = issued.certificate.to_str().unwrap().to_owned();
    let key = issued.key.to_str().unwrap().to_owned();
    let said = s_client(&["-cert", &certificate, "-key", &key]).await;
    assert!(
        said.contains("TLSv1.3") && said.contains("Verification: OK"),
        "{said}"
    );
    let said = s_client(&["-cert", &certificate, "-key", &key, "-tls1_2"]).await;
    assert!(said.contains("alert protocol version"), "{said}");
    let said = s_client(&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]).await;
    assert!(said.contains("SSL alert number"), "{said}");
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_holds_its_place_for_a_while_only() {
    let scene = Scene::open().await;
    let started = Instant::now();
    let mut held = vec![];
    for part in [&b""[..], b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01", b""] {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        stream.write_all(part).await.unwrap();
        held.push(stream);
    }
    assert_eq!(held.len(), PLACES as usize);
    // Each has taken a place once the listener has seen it.
    let mut refused = TcpStream::connect(scene.address).await.unwrap();
    let read = timeout(AT_MOST, refused.read(&mut [0; 1])).await.unwrap();
    assert!(
        matches!(read, Ok(0) | Err(_)) && started.elapsed() < PATIENCE,
        "{read:?}"
    );
    // One place is left to whoever comes from elsewhere.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let elsewhere = socket.connect(scene.address).await.unwrap();
    let caller = scene.caller(Some(&scene.pki.client("elsewhere")));
    let mut let_in = Scene::connect_over(elsewhere, caller).await.unwrap();
    let answer = let_in.ask("/healthz", None).await.unwrap();
    assert_eq!(status(&answer), "200");
    drop(let_in);
    for mut stream in held {
        let closed = timeout(AT_MOST, stream.read_to_end(&mut vec![])).await;
        assert!(closed.is_ok(), "the listener still waits");
    }
    assert!(started.elapsed() >= PATIENCE);
    scene.assert_undisturbed().await;
}

#[tokio::test]
async fn what_is_no_tls_is_closed_and_disturbs_nobody() {
    let scene = Scene::open().await;
    for (sent, told) in [
        (
            &b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"[..],
            true,
        ),
        (b"\x16\x03\x01\xff\xff", false),
        (&[0; 600], false),
    ] {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answer = vec![];
        timeout(AT_MOST, stream.read_to_end(&mut answer))
            .await
            .unwrap()
            .ok();
        let answer = String::from_utf8_lossy(&answer);
        assert_eq!(answer.starts_with("HTTP/1.1 400"), told, "{answer:?}");
        assert_eq!(answer.ends_with("\r\n\r\nspeak HTTPS\n"), told);
    }
    scene.assert_undisturbed().await;
}

#[tokio::test]
async fn where_certificates_are_optional_a_secret_does_and_a_bad_certificate_does_not() {
    let scene = Scene::open_with(|config, _| {
        let tls = config.tls_private.as_mut().unwrap();
        tls.client_certificates = ClientCertificates::Optional;
    })
    .await;
    let shop = scene.shop().await;
    let secret = shop.authorization();
    let answer = scene.ask(scene.caller(None), Some(secret)).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
    let answer = scene.ask(scene.caller(None), None).await.unwrap();
    assert_eq!(code(&answer), "unauthenticated");
    let stranger = TestPki::new(scene.verifier.clock.now(), 12);
    let unknown = stranger.client("backend");
    let outcome = scene.ask(scene.caller(Some(&unknown)), Some(secret)).await;
    assert!(alert(&outcome).contains("UnknownCA"), "{outcome:?}");
}

/// A caller that does not look at whom it calls: what it is told is what is tested.
mod trusting {
    use rustls::{
        DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::aws_lc_rs::default_provider,
        pki_types::{CertificateDer, ServerName, UnixTime},
    };

    #[derive(Debug)]
    pub(super) struct Anyone;

    impl ServerCertVerifier for Anyone {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            default_provider()
                .signature_verification_algorithms
                .supported_schemes()
        }
    }
}
