//! Whom a certificate speaks for, and that somebody is told before it ends.

use std::{net::IpAddr, sync::Arc};

use axum::{body::Body, http::Request};
use waxseal_tests::{Answer, Shop, TestPki, TestVerifier};
use waxseal_verifier::{
    clock::{Clock, Timestamp},
    http::ClientCertificate,
    mode::Mode,
    pki::Issued,
    store::{StoreError, client_certificates, clients},
    upkeep,
};

struct Scene {
    verifier: TestVerifier,
    pki: TestPki,
}

impl Scene {
    async fn open() -> Self {
        let verifier = TestVerifier::start().await;
        let pki = TestPki::new(verifier.clock.now(), 11);
        Self { verifier, pki }
    }

    async fn shop(&self) -> Shop {
        self.verifier.shop(Mode::Test, "https://shop.example").await
    }

    fn presented(&self, issued: &Issued) -> ClientCertificate {
        let clock = Arc::clone(&self.verifier.clock);
        self.pki.presented(issued, clock)
    }

    /// A caller of the authority's.
    fn certified(&self, name: &str) -> ClientCertificate {
        self.presented(&self.pki.client(name))
    }

    async fn bind(&self, shop: &Shop, identifier: &str) -> Result<(), StoreError> {
        let (id, identifier) = (shop.client_id.clone(), identifier.to_owned());
        let now = self.verifier.clock.now();
        let bound = self.verifier.app.store.write("bind", move |tx| {
            client_certificates::bind(tx, &id, &identifier, now)
        });
        bound.await
    }

    async fn allow(&self, shop: &Shop, networks: &'static str) {
        let id = shop.client_id.clone();
        let store = &self.verifier.app.store;
        let changed = store.write("allow", move |tx| clients::set_networks(tx, &id, networks));
        assert!(changed.await.unwrap());
    }

    /// Asks for the cards.
    async fn ask(
        &self,
        certificate: Option<&ClientCertificate>,
        authorization: Option<&str>,
        from: &str,
    ) -> Answer {
        let mut request = Request::builder().uri("/v1/cards");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        let ip: IpAddr = from.parse().unwrap();
        self.verifier.private_from(ip, request).await
    }

    /// What the answer's status or code is.
    async fn outcome(
        &self,
        certificate: &ClientCertificate,
        authorization: Option<&str>,
    ) -> String {
        let answer = self
            .ask(Some(certificate), authorization, "127.0.0.1")
            .await;
        match answer.status.as_u16() {
            200 => "ok".to_owned(),
            _ => answer.problem(),
        }
    }
}

#[tokio::test]
async fn a_client_is_known_by_its_key_or_by_a_name() {
    let scene = Scene::open().await;
    let (by_name, by_key) = (scene.shop().await, scene.shop().await);
    let named = scene.certified("backend");
    assert_eq!(scene.outcome(&named, None).await, "unauthenticated");
    scene.bind(&by_name, "dns:backend").await.unwrap();
    assert_eq!(scene.outcome(&named, None).await, "ok");

    let issued = scene.pki.client("pinned");
    let pinned = scene.presented(&issued);
    scene.bind(&by_key, &pinned.identifiers()[0]).await.unwrap();
    assert_eq!(scene.outcome(&pinned, None).await, "ok");
    // Another key under the same name is not it.
    scene.pki.renew(&issued, scene.verifier.clock.now());
    for (from, to) in [("pinned.crt", "next.crt"), ("pinned.key", "next.key")] {
        std::fs::copy(scene.pki.path(from), scene.pki.path(to)).unwrap();
    }
    let next = scene.presented(&Issued::at(&scene.pki.path("next")));
    assert_eq!(next.identifiers()[1], "dns:pinned");
    assert_eq!(scene.outcome(&next, None).await, "unauthenticated");
}

#[tokio::test]
async fn a_certificate_is_one_clients_and_a_key_tells_more_than_a_name() {
    let scene = Scene::open().await;
    let (by_name, by_key) = (scene.shop().await, scene.shop().await);
    let certificate = scene.certified("backend");
    scene.bind(&by_name, "dns:backend").await.unwrap();
    let taken = scene.bind(&by_key, "dns:backend").await;
    assert!(matches!(taken, Err(StoreError::Conflict)));
    scene.bind(&by_name, "dns:backend").await.unwrap();
    scene
        .bind(&by_key, &certificate.identifiers()[0])
        .await
        .unwrap();
    scene.allow(&by_key, "192.0.2.0/24").await;
    assert_eq!(
        scene.outcome(&certificate, None).await,
        "address_not_allowed"
    );
}

#[tokio::test]
async fn a_client_that_is_known_by_certificates_has_to_come_with_one_of_them() {
    let scene = Scene::open().await;
    let (known, other) = (scene.shop().await, scene.shop().await);
    scene.bind(&known, "dns:backend").await.unwrap();
    let (own, foreign) = (scene.certified("backend"), scene.certified("somebody"));
    for (certificate, authorization, wanted) in [
        // With its own certificate: alone, and with its secret.
        (&own, None, "ok"),
        (&own, Some(known.authorization()), "ok"),
        // Its secret without its certificate.
        (&foreign, Some(known.authorization()), "unauthenticated"),
        // Its certificate with somebody else's secret, and with what is no secret.
        (&own, Some(other.authorization()), "unauthenticated"),
        (&own, Some("Basic eDp5"), "unauthenticated"),
        (&own, Some("Bearer abc"), "unauthenticated"),
        (&own, Some("\u{e9}"), "unauthenticated"),
        // Whoever is known by no certificate needs none of his own.
        (&foreign, Some(other.authorization()), "ok"),
        (&foreign, None, "unauthenticated"),
    ] {
        let outcome = scene.outcome(certificate, authorization).await;
        assert_eq!(outcome, wanted, "{authorization:?}");
    }
    for (secret, wanted) in [(known.authorization(), 401), (other.authorization(), 200)] {
        let answer = scene.ask(None, Some(secret), "127.0.0.1").await;
        assert_eq!(answer.status, wanted);
    }
}

#[tokio::test]
async fn a_client_calls_from_its_networks_only() {
    let scene = Scene::open().await;
    let shop = scene.shop().await;
    scene.bind(&shop, "dns:backend").await.unwrap();
    let certificate = scene.certified("backend");
    for (networks, from, wanted) in [
        ("192.0.2.0/24", "192.0.2.7", 200),
        ("192.0.2.0/24", "::ffff:192.0.2.7", 200),
        ("192.0.2.0/24 2001:db8::/32", "2001:db8::1", 200),
        ("192.0.2.0/24", "192.0.3.7", 403),
        ("192.0.2.0/24", "2001:db8::1", 403),
        ("", "192.0.3.7", 200),
    ] {
        scene.allow(&shop, networks).await;
        let secret = Some(shop.authorization());
        for authorization in [None, secret] {
            let answer = scene.ask(Some(&certificate), authorization, from).await;
            assert_eq!(answer.status, wanted, "{networks} {from}");
            if wanted == 403 {
                assert_eq!(answer.problem(), "address_not_allowed");
            }
        }
    }
    let audit = "SELECT code FROM audit WHERE action = 'auth.failed'";
    let logged = scene.verifier.database.texts(audit);
    assert_eq!(logged, ["address_not_allowed"; 4]);
}

#[tokio::test]
async fn the_days_that_are_left_are_counted_and_told_of_once_each() {
    let pki = TestPki::new(Timestamp::from_millis(1_795_000_000_000), 11);
    let verifier = TestVerifier::start_with(|config| {
        config.tls_private = Some(pki.mutual("private"));
    })
    .await;
    let app = &verifier.app;
    let kinds = "SELECT kind FROM alert";
    let mut told = vec![];
    // The certificate lasts 100 days, the authority and its list longer.
    for (days, count) in [(69, 0), (70, 1), (75, 1), (86, 2), (97, 3), (101, 3)] {
        let from = told.last().copied().unwrap_or(0);
        told.push(days);
        verifier.clock.advance_millis((days - from) * 86_400_000);
        for _ in 0..2 {
            upkeep::look_at_certificates(app).await.unwrap();
        }
        let alerts = verifier.database.texts(kinds);
        assert_eq!(alerts, vec!["certificate_ends"; count], "after {days} days");
    }
    let metrics = app.metrics.render();
    for (option, days) in [("cert", -1), ("client_ca", 3650 - 101), ("crl", 365 - 101)] {
        let line = format!(
            "waxseal_certificate_days_left{{listener=\"private\",option=\"{option}\"}} {days}\n"
        );
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
}
