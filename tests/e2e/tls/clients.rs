//! Whom a certificate speaks for.

use waxseal_tests::Shop;
use waxseal_verifier::{clock::Clock, mode::Mode, store::clients, tls::CertificateFacts};

use super::{Scene, code, status};

async fn allow(scene: &Scene, shop: &Shop, networks: &'static str) {
    let id = shop.client_id.clone();
    let changed = scene
        .verifier
        .app
        .store
        .write("allow", move |tx| clients::set_networks(tx, &id, networks));
    assert!(changed.await.unwrap());
}

#[tokio::test]
async fn a_client_is_known_by_its_key_or_by_a_name() {
    let scene = Scene::open().await;
    let by_name = scene.shop().await;
    scene.bind(&by_name, "dns:backend").await;
    let named = scene.pki.client("backend");
    let answer = scene.ask(scene.caller(Some(&named)), None).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");

    let by_key = scene
        .verifier
        .shop(Mode::Live, "https://live.example")
        .await;
    let pinned = scene.pki.client("pinned");
    let answer = scene.ask(scene.caller(Some(&pinned)), None).await.unwrap();
    assert_eq!(code(&answer), "unauthenticated");
    scene.bind(&by_key, &pin(&pinned)).await;
    let answer = scene.ask(scene.caller(Some(&pinned)), None).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
    // Another key under the same name is not it; another certificate of the same key is.
    scene.pki.renew(&pinned, scene.verifier.clock.now());
    let answer = scene.ask(scene.caller(Some(&pinned)), None).await.unwrap();
    assert_eq!(code(&answer), "unauthenticated");
}

#[tokio::test]
async fn a_key_tells_more_than_a_name() {
    let scene = Scene::open().await;
    let (by_name, by_key) = (scene.shop().await, scene.shop().await);
    let issued = scene.pki.client("backend");
    scene.bind(&by_name, "dns:backend").await;
    scene.bind(&by_key, &pin(&issued)).await;
    allow(&scene, &by_key, "192.0.2.0/24").await;
    let answer = scene.ask(scene.caller(Some(&issued)), None).await.unwrap();
    assert_eq!(code(&answer), "address_not_allowed");
}

#[tokio::test]
async fn a_client_that_is_known_by_certificates_has_to_come_with_one_of_them() {
    let scene = Scene::open().await;
    let (known, other) = (scene.shop().await, scene.shop().await);
    scene.bind(&known, "dns:backend").await;
    let own = scene.pki.client("backend");
    let foreign = scene.pki.client("somebody");
    for (issued, authorization, wanted) in [
        // With its own certificate: alone, and with its secret.
        (&own, None, "200"),
        (&own, Some(known.authorization()), "200"),
        // Its secret without its certificate.
        (&foreign, Some(known.authorization()), "401"),
        // Its certificate with somebody else's secret, and with what is no secret.
        (&own, Some(other.authorization()), "401"),
        (&own, Some("Basic eDp5"), "401"),
        (&own, Some("Bearer abc"), "401"),
        // Whoever is known by no certificate needs none of his own.
        (&foreign, Some(other.authorization()), "200"),
        (&foreign, None, "401"),
    ] {
        let answer = scene.ask(scene.caller(Some(issued)), authorization).await;
        let answer = answer.unwrap();
        assert_eq!(status(&answer), wanted, "{authorization:?}: {answer}");
    }
}

#[tokio::test]
async fn a_client_calls_from_its_networks_only() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    scene.bind(&shop, "dns:backend").await;
    let issued = scene.pki.client("backend");
    for (networks, wanted) in [
        ("127.0.0.0/8", "200"),
        ("192.0.2.0/24 127.0.0.1/32", "200"),
        ("192.0.2.0/24", "403"),
        ("", "200"),
    ] {
        allow(&scene, &shop, networks).await;
        let answer = scene.ask(scene.caller(Some(&issued)), None).await.unwrap();
        assert_eq!(status(&answer), wanted, "{networks}: {answer}");
    }
    let audit = "SELECT code FROM audit WHERE action = 'auth.failed'";
    assert_eq!(
        scene.verifier.database.texts(audit),
        ["address_not_allowed"]
    );
}

fn pin(issued: &waxseal_verifier::pki::Issued) -> String {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let der = CertificateDer::from_pem_file(&issued.certificate).unwrap();
    CertificateFacts::read(&der).unwrap().pin()
}
