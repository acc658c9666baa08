//! The shop's server and the verifier, each of whom knows the other by a certificate.

use std::{net::SocketAddr, time::Duration};

use axum_server::Handle;
use waxseal_demo::{
    country::Country,
    money::Cents,
    tls::TlsFiles,
    verifier::{NewSession, VerifierClient, VerifierError},
};
use waxseal_tests::{TestPki, TestVerifier};
use waxseal_verifier::{
    clock::{Clock, SystemClock},
    http::{Connections, bind, serve},
    mode::Mode,
    pki::Issued,
    router,
    store::client_certificates,
};

use crate::fixture::SHOP;

/// A verifier at the time of this machine, as the shop has no clock to move.
async fn open(pki: &TestPki) -> (TestVerifier, SocketAddr, Handle<SocketAddr>) {
    let verifier = TestVerifier::start_with(|config| {
        config.tls_private = Some(pki.mutual("private"));
    })
    .await;
    let behind = SystemClock.now().millis() - verifier.clock.now().millis();
    verifier.clock.advance_millis(behind);
    let listener = bind("listen.private", "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Handle::new();
    let patience = Duration::from_secs(10);
    let bounds = Connections {
        most: 16,
        most_per_address: 16,
        most_handshakes_per_address: 16,
        shared: vec![],
        only_from: vec![],
        write_timeout: patience,
    };
    let tls = verifier.app.tls.private.clone();
    let router = router::private(&verifier.app);
    tokio::spawn(serve(
        listener,
        router,
        tls,
        bounds,
        patience,
        handle.clone(),
    ));
    (verifier, address, handle)
}

fn client(pki: &TestPki, address: SocketAddr, issued: &Issued) -> VerifierClient {
    let tls = TlsFiles {
        ca: pki.path("ca.crt"),
        identity: Some((issued.certificate.clone(), issued.key.clone())),
    };
    let base = format!("https://localhost:{}", address.port());
    VerifierClient::over_tls(&base, &tls, None).unwrap()
}

#[tokio::test]
async fn a_session_is_opened_without_any_secret() {
    let pki = TestPki::new(SystemClock.now(), 11);
    let (verifier, address, handle) = open(&pki).await;
    let shop = verifier.shop(Mode::Test, SHOP).await;
    let (id, now) = (shop.client_id.clone(), verifier.clock.now());
    let bound = verifier.app.store.write("bind", move |tx| {
        client_certificates::bind(tx, &id, "dns:shop", now)
    });
    bound.await.unwrap();
    let order = NewSession {
        amount: Cents::new(1999),
        currency: "USD",
        order_id: "FS-1",
        origin: SHOP,
        shipping_country: Country::parse("DE").unwrap(),
    };
    let known = client(&pki, address, &pki.client("shop"));
    let (id, _) = known.create_session(&order, "FS-1").await.unwrap();
    let session = known.session(&id).await.unwrap().unwrap();
    assert_eq!(session.order_id, "FS-1");

    let unknown = client(&pki, address, &pki.client("somebody"));
    let refused = unknown.session(&id).await.unwrap_err();
    assert!(matches!(&refused, VerifierError::Refused(code) if code == "unauthenticated"));
    // A verifier of another authority's is not told anything.
    let other = TestPki::new(SystemClock.now(), 12);
    let misled = client(&other, address, &other.client("shop"));
    let refused = misled.session(&id).await.unwrap_err();
    assert!(
        matches!(&refused, VerifierError::Unreachable(_)),
        "{refused}"
    );
    handle.shutdown();
}
