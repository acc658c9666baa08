//! A server gets tokens, and takes them back, from its own networks alone.

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::{Answer, Shop, TestVerifier, form_encoded};
use waxseal_verifier::{mode::Mode, store::clients};

use super::{error, get_with, text};

async fn send(
    verifier: &TestVerifier,
    path: &str,
    from: &str,
    (authorization, fields): (&str, &[(&str, &str)]),
) -> Answer {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form_encoded(fields)));
    let from = from.parse().unwrap();
    verifier.private_from(from, request.unwrap()).await
}

#[tokio::test]
async fn from_elsewhere_a_stolen_secret_gives_no_token_and_takes_none_back() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let id = shop.client_id.clone();
    let networks = "127.0.0.1/32 192.0.2.0/24";
    let allowed = verifier
        .app
        .store
        .write("allow", move |tx| clients::set_networks(tx, &id, networks));
    assert!(allowed.await.unwrap());
    let own = shop.authorization();
    let wrong = Shop::new(String::new(), "", &shop.client_id, "wxs_wrong");
    let wrong = wrong.authorization();
    let grant = [("grant_type", "client_credentials")];
    let ask = async |from, authorization: &str| {
        send(&verifier, "/oauth/token", from, (authorization, &grant)).await
    };
    let good = ask("192.0.2.7", own).await;
    assert_eq!(good.status, 200, "{}", good.text);
    // Whoever stole it does not learn that it is right.
    for (from, authorization) in [("192.0.3.7", own), ("192.0.3.7", wrong)] {
        let refused = ask(from, authorization).await;
        assert_eq!(refused.status, 401);
        assert_eq!(error(&refused), "invalid_client");
    }
    let good = good.json();
    let token = text(&good, "access_token");
    let take_back = async |from| {
        let fields = [("token", token)];
        send(&verifier, "/oauth/revoke", from, (own, &fields)).await
    };
    let bearer = format!("Bearer {token}");
    assert_eq!(error(&take_back("::1").await), "invalid_client");
    assert_eq!(get_with(&verifier, "/v1/cards", &bearer).await.status, 200);
    assert_eq!(take_back("::ffff:192.0.2.9").await.status, 200);
    assert_eq!(get_with(&verifier, "/v1/cards", &bearer).await.status, 401);
    let logged = "SELECT reason FROM audit WHERE action = 'auth.failed' AND ip_digest IS NOT NULL
        ORDER BY seq";
    assert_eq!(
        verifier.database.texts(logged)[..3],
        ["client_address", "client_secret", "client_address"]
    );
}
