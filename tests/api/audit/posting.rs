//! Signed roots posted to somebody else.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};

use axum::{Router, http::StatusCode, routing::post};
use tokio::net::TcpListener;
use waxseal_tests::{ORIGIN, TestVerifier, VISA};
use waxseal_verifier::{
    audit::{RootFile, RootNotPosted, make_root, post_roots},
    mode::Mode,
};

use crate::storage::pay;

async fn sign(verifier: &TestVerifier) {
    let app = &verifier.app;
    let made = make_root(&app.store, &app.keyring(), app.clock.now()).await;
    made.unwrap().expect("a root");
}

#[tokio::test]
async fn each_root_is_posted_in_its_order_until_it_is_taken() {
    let verifier = TestVerifier::start_with(|config| {
        config.outbound.plain_http_on_loopback = true;
        config.outbound.private_networks = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/roots", listener.local_addr().unwrap());
    let (status, got) = (
        Arc::new(AtomicU16::new(503)),
        Arc::new(Mutex::new(Vec::new())),
    );
    let answer = {
        let (status, got) = (Arc::clone(&status), Arc::clone(&got));
        move |body: String| async move {
            got.lock().unwrap().push(body);
            StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
        }
    };
    let router = Router::new().route("/roots", post(answer));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for _ in 0..2 {
        pay(&verifier, &shop, VISA).await;
        sign(&verifier).await;
    }
    let post = || {
        let app = &verifier.app;
        post_roots(&app.store, &app.outbound, &url, app.instance, &*app.clock)
    };
    let refused = post().await;
    assert!(
        matches!(refused, Err(RootNotPosted::Refused(503))),
        "{refused:?}"
    );
    status.store(204, Ordering::SeqCst);
    assert_eq!(post().await.unwrap(), 2);
    assert_eq!(post().await.unwrap(), 0);
    let bodies = got.lock().unwrap().clone();
    let numbers = bodies
        .iter()
        .map(|body| RootFile::parse(body).unwrap()[0].number);
    assert_eq!(numbers.collect::<Vec<_>>(), [1, 1, 2]);
    serving.abort();
}
