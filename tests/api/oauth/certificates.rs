//! Tokens for servers that are known by certificates, as they are everywhere.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::{Shop, TestPki, TestVerifier};
use waxseal_verifier::{
    clock::Clock, http::ClientCertificate, mode::Mode, store::client_certificates,
};

use super::{error, servers::ask, text};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

struct Scene {
    verifier: TestVerifier,
    /// Known by the name of `own`.
    shop: Shop,
    own: ClientCertificate,
    other: ClientCertificate,
}

impl Scene {
    async fn open() -> Self {
        let verifier = TestVerifier::start().await;
        let pki = TestPki::new(verifier.clock.now(), 13);
        let shop = verifier.shop(Mode::Test, "https://shop.example").await;
        let [own, other] = ["own", "other"].map(|name| {
            pki.presented(
                &pki.client(name),
                Arc::clone(&verifier.clock) as Arc<dyn Clock>,
            )
        });
        bind(&verifier, &shop, "dns:own").await;
        Self {
            verifier,
            shop,
            own,
            other,
        }
    }
}

async fn bind(verifier: &TestVerifier, shop: &Shop, identifier: &'static str) {
    let (id, now) = (shop.client_id.clone(), verifier.clock.now());
    let bound = verifier.app.store.write("bind", move |tx| {
        client_certificates::bind(tx, &id, identifier, now)
    });
    bound.await.unwrap();
}

#[tokio::test]
async fn whoever_is_known_by_a_certificate_gets_tokens_for_it_that_are_bound_to_it() {
    let Scene {
        verifier,
        shop,
        own,
        other,
    } = Scene::open().await;
    let named = [GRANT, ("client_id", shop.client_id())];
    let basic = Some(shop.authorization());
    for (authorization, fields) in [(None, &named[..]), (basic, &named[..1])] {
        let answer = ask(&verifier, authorization, Some(&own), fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let bearer = format!("Bearer {}", text(&answer.json(), "access_token"));
        for (given, wanted) in [(Some(&own), 200), (None, 401), (Some(&other), 401)] {
            let mut request = Request::get("/v1/cards").header(header::AUTHORIZATION, &bearer);
            if let Some(given) = given {
                request = request.extension(given.clone());
            }
            let answer = verifier.private(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, wanted);
        }
    }
}

#[tokio::test]
async fn without_its_certificate_or_with_anothers_there_is_no_token() {
    let Scene {
        verifier,
        shop,
        own,
        other,
    } = Scene::open().await;
    let stranger = verifier.shop(Mode::Test, "https://other.example").await;
    let basic = Some(shop.authorization());
    let strangers = Some(stranger.authorization());
    let fields = |shop| [GRANT, ("client_id", Shop::client_id(shop))];
    for (reason, authorization, certificate, named) in [
        // The secret alone, or beside a certificate of nobody's.
        ("client_method", basic, None, None),
        ("client_method", basic, Some(&other), None),
        // The name alone, or beside such a certificate.
        ("client_certificate", None, None, Some(&shop)),
        ("client_certificate", None, Some(&other), Some(&shop)),
        // Somebody else with it, by secret or name.
        ("client_method", strangers, Some(&own), None),
        ("client_certificate", None, Some(&own), Some(&stranger)),
    ] {
        let named = named.map(fields);
        let fields = named.as_ref().map_or(&[GRANT][..], |fields| &fields[..]);
        let answer = ask(&verifier, authorization, certificate, fields).await;
        assert_eq!(error(&answer), "invalid_client", "{reason}");
        let logged = "SELECT reason FROM audit WHERE action = 'auth.failed' ORDER BY seq";
        assert_eq!(verifier.database.texts(logged).last().unwrap(), reason);
    }
    let good = ask(&verifier, strangers, Some(&other), &[GRANT]).await;
    assert_eq!(
        good.status, 200,
        "a certificate of nobody's is in nobody's way"
    );
}

#[tokio::test]
async fn another_servers_certificate_is_none_of_ones_own_by_digest_either() {
    let Scene {
        verifier,
        own,
        other,
        ..
    } = Scene::open().await;
    let stranger = verifier.shop(Mode::Test, "https://other.example").await;
    let digests = [own.x5t_s256(), other.x5t_s256()];
    super::servers::register(&verifier, &stranger, None, &digests).await;
    let named = [GRANT, ("client_id", stranger.client_id())];
    let refused = ask(&verifier, None, Some(&own), &named).await;
    assert_eq!(error(&refused), "invalid_client");
    let good = ask(&verifier, None, Some(&other), &named).await;
    assert_eq!(good.status, 200);
}
