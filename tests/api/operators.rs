//! Operators and merchants' servers: neither is the other.

use serde_json::json;
use waxseal_tests::{Shop, Staff, TestVerifier};
use waxseal_verifier::{clock::Clock, identity::Scopes, mode::Mode, store::operators};

const ORIGIN: &str = "https://shop.example";
const ALL: &str = "cards:reveal clients:write keys:read keys:write merchants:read metrics:read";
/// What only operators may call.
const OPERATORS_ROUTES: [(&str, &str); 6] = [
    ("GET", "/v1/keys"),
    ("POST", "/v1/keys"),
    ("GET", "/v1/merchants"),
    ("POST", "/v1/clients"),
    ("GET", "/metrics"),
    ("POST", "/v1/cards/card_test_1/reveal"),
];

/// Card numbers are shown on the console's listener alone.
fn is_on_private(path: &str) -> bool {
    !path.ends_with("/reveal")
}

async fn scene() -> (TestVerifier, Shop) {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    (verifier, shop)
}

#[tokio::test]
async fn a_merchants_server_is_no_operator_whatever_its_scopes() {
    let (verifier, shop) = scene().await;
    // Even if its row said so.
    let grant = format!("UPDATE client SET scopes = scopes || ' {ALL}'");
    verifier.database.run(&[&grant]);
    for (method, path) in OPERATORS_ROUTES {
        let answer = verifier.call_console(&shop, method, path).await;
        assert_eq!(answer.problem(), "unauthenticated", "{method} {path}");
        assert_eq!(answer.status, 401);
        let answer = verifier.call(&shop, method, path, Some(json!({}))).await;
        let wanted = if is_on_private(path) {
            "unauthenticated"
        } else {
            "not_found"
        };
        assert_eq!(answer.problem(), wanted, "{method} {path}");
    }
    let logged = verifier
        .database
        .number("SELECT count(*) FROM audit WHERE action = 'auth.failed'");
    assert_eq!(logged, 6 + 5);
}

#[tokio::test]
async fn an_operator_is_no_merchants_server_whatever_its_scopes() {
    let (verifier, _) = scene().await;
    let staff = Staff::hire(&verifier, ALL).await;
    let everything = format!("UPDATE operator SET scopes = '{} {ALL}'", Scopes::all());
    verifier.database.run(&[&everything]);
    for (method, path) in [
        ("GET", "/v1/cards"),
        ("GET", "/v1/cards/card_test_1"),
        ("POST", "/v1/sessions"),
        ("GET", "/v1/sessions/cs_test_1"),
        ("PATCH", "/v1/sessions/cs_test_1"),
        ("POST", "/v1/sessions/cs_test_1/token"),
    ] {
        let body = Some(json!({}));
        let answer = staff.call_private(&verifier, method, path, body).await;
        assert_eq!(answer.problem(), "unauthenticated", "{method} {path}");
        let answer = staff.call(&verifier, method, path, None).await;
        assert_eq!(answer.problem(), "not_found", "{method} {path}");
    }
    for answer in [
        staff.call(&verifier, "GET", "/v1/keys", None).await,
        staff.call_private(&verifier, "GET", "/v1/keys", None).await,
    ] {
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn wrong_secrets_count_as_failures_and_raise_the_alert() {
    let (verifier, _) = scene().await;
    let staff = Staff::hire(&verifier, ALL).await;
    let wrong = Staff {
        id: staff.id.clone(),
        secret: format!("{}x", staff.secret),
    };
    for _ in 0..5 {
        let answer = wrong.call(&verifier, "GET", "/v1/keys", None).await;
        assert_eq!(answer.problem(), "unauthenticated");
        assert!(
            answer.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Basic")
        );
    }
    verifier.look().await;
    let raised = verifier
        .database
        .texts("SELECT subject_kind FROM alert WHERE kind = 'auth_failures' ORDER BY subject_kind");
    assert_eq!(raised, ["address", "operator"]);
    let answer = staff.call(&verifier, "GET", "/v1/keys", None).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_revoked_operator_is_refused_at_once_and_once_for_all() {
    let (verifier, _) = scene().await;
    let staff = Staff::hire(&verifier, ALL).await;
    let other = Staff::hire(&verifier, ALL).await;
    let revoke = async || {
        let (id, now) = (staff.id.clone(), verifier.clock.now());
        let store = &verifier.app.store;
        let revoked = store.write("revoke", move |tx| operators::revoke(tx, &id, now));
        revoked.await.unwrap()
    };
    let call = async |staff: &Staff| staff.call(&verifier, "GET", "/v1/keys", None).await;
    assert_eq!(call(&staff).await.status, 200);
    assert!(revoke().await);
    assert_eq!(call(&staff).await.problem(), "unauthenticated");
    assert_eq!(call(&other).await.status, 200);
    assert!(!revoke().await, "it is revoked already");
}
