//! Files that change under a listener that runs.

use waxseal_tests::TestPki;
use waxseal_verifier::{clock::Clock, upkeep};

use super::{Scene, alert, code, status};

#[tokio::test]
async fn a_certificate_that_is_revoked_meanwhile_is_refused_with_the_next_request() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    scene.bind(&shop, "dns:backend").await;
    let issued = scene.pki.client("backend");
    let mut connected = scene.connect(scene.caller(Some(&issued))).await.unwrap();
    let mut another = {
        let shop = scene.shop().await;
        scene.bind(&shop, "dns:another").await;
        let issued = scene.pki.client("another");
        scene.connect(scene.caller(Some(&issued))).await.unwrap()
    };
    let answer = connected.ask("/v1/cards", None).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");

    scene.pki.revoke(&issued);
    assert!(upkeep::reload_certificates(&scene.verifier.app).await);
    let answer = connected.ask("/v1/cards", None).await.unwrap();
    assert_eq!(
        (status(&answer), code(&answer)),
        ("403", "client_certificate_refused")
    );
    assert!(answer.contains("connection: close"), "{answer}");
    let closed = connected.ask("/healthz", None).await;
    assert!(!closed.is_ok_and(|answer| answer.starts_with("HTTP")));
    let again = scene.ask(scene.caller(Some(&issued)), None).await;
    assert!(alert(&again).contains("CertificateRevoked"), "{again:?}");
    // The one that was not revoked has kept its connection.
    let answer = another.ask("/v1/cards", None).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
    let audit = "SELECT code || ' ' || reason FROM audit WHERE action = 'auth.failed'";
    assert_eq!(
        scene.verifier.database.texts(audit),
        ["client_certificate_refused client_certificate"]
    );
}

#[tokio::test]
async fn a_certificate_that_ends_meanwhile_is_refused_with_the_next_request() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    scene.bind(&shop, "dns:backend").await;
    let issued = scene
        .pki
        .client_for("backend", 1, scene.verifier.clock.now());
    let mut connected = scene.connect(scene.caller(Some(&issued))).await.unwrap();
    let answer = connected.ask("/v1/cards", None).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
    scene.verifier.clock.advance_millis(86_400_000 + 1_000);
    let answer = connected.ask("/v1/cards", None).await.unwrap();
    assert_eq!(code(&answer), "client_certificate_refused");
}

#[tokio::test]
async fn an_authority_that_is_trusted_no_longer_takes_its_connections_with_it() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    scene.bind(&shop, "dns:backend").await;
    let issued = scene.pki.client("backend");
    let mut connected = scene.connect(scene.caller(Some(&issued))).await.unwrap();
    let next = TestPki::new(scene.verifier.clock.now(), 12);
    for file in ["ca.crt", "ca.crl"] {
        std::fs::copy(next.path(file), scene.pki.path(file)).unwrap();
    }
    assert!(upkeep::reload_certificates(&scene.verifier.app).await);
    let answer = connected.ask("/v1/cards", None).await.unwrap();
    assert_eq!(code(&answer), "client_certificate_refused");
}

#[tokio::test]
async fn the_next_handshake_has_the_next_certificate_and_no_connection_is_dropped() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    scene.bind(&shop, "dns:backend").await;
    let client = scene.pki.client("backend");
    let mut before = scene.connect(scene.caller(Some(&client))).await.unwrap();
    let certificate = |connected: &super::Connected| {
        connected.0.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    let first = certificate(&before);
    // Nothing has changed.
    assert!(!upkeep::reload_certificates(&scene.verifier.app).await);

    let server = waxseal_verifier::pki::Issued::at(&scene.pki.path("private"));
    scene.pki.renew(&server, scene.verifier.clock.now());
    assert!(upkeep::reload_certificates(&scene.verifier.app).await);
    let after = scene.connect(scene.caller(Some(&client))).await.unwrap();
    assert_ne!(certificate(&after), first);
    let answer = before.ask("/v1/cards", None).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
}

#[tokio::test]
async fn what_cannot_be_used_leaves_the_old_in_use() {
    let scene = Scene::open().await;
    let now = scene.verifier.clock.now();
    let tls = scene.verifier.app.tls.private.clone().unwrap();
    let stranger = TestPki::new(now, 12);
    stranger.server("private");
    let whole = |file: &str| std::fs::read(scene.pki.path(file)).unwrap();
    let files = ["private.crt", "private.key", "ca.crt", "ca.crl"];
    for (file, text, wanted) in [
        (
            "private.key",
            std::fs::read(stranger.path("private.key")).unwrap(),
            "is not the key",
        ),
        ("private.key", b"".to_vec(), "holds no private key"),
        (
            "private.crt",
            whole("private.crt")[..200].to_vec(),
            "holds no certificate",
        ),
        ("ca.crt", b"no certificate".to_vec(), "holds no certificate"),
        (
            "ca.crl",
            whole("ca.crt"),
            "holds no certificate revocation list",
        ),
        (
            "ca.crl",
            std::fs::read(stranger.path("ca.crl")).unwrap(),
            "has no list of the authority",
        ),
    ] {
        let before = whole(file);
        std::fs::write(scene.pki.path(file), text).unwrap();
        let refused = tls.reload().unwrap_err().to_string();
        assert!(
            refused.contains(wanted) && refused.contains(file),
            "{refused}"
        );
        assert_eq!(refused.lines().count(), 1, "{refused}");
        // Said once for each change.
        assert!(!tls.reload().unwrap());
        scene.assert_undisturbed().await;
        std::fs::write(scene.pki.path(file), before).unwrap();
        assert!(tls.reload().unwrap());
    }
    for file in files {
        let aside = scene.pki.path("aside");
        std::fs::rename(scene.pki.path(file), &aside).unwrap();
        assert!(tls.reload().unwrap_err().to_string().contains(file));
        scene.assert_undisturbed().await;
        std::fs::rename(&aside, scene.pki.path(file)).unwrap();
        assert!(tls.reload().unwrap());
    }
}
