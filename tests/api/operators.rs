//! Operators and merchants' servers: neither is the other.

use serde_json::json;
use waxseal_tests::{Shop, Staff, TestVerifier};
use waxseal_verifier::{clock::Clock, identity::Scopes, mode::Mode, store::operators};

const ORIGIN: &str = "https://shop.example";
const ALL: &str = "cards:reveal keys:read keys:write";
/// What only operators may call, and the scope that it takes.
const OPERATORS_ROUTES: [(&str, &str, &str); 6] = [
    ("GET", "/v1/keys", "keys:read"),
    ("POST", "/v1/keys", "keys:write"),
    ("POST", "/v1/keys/1/destroy", "keys:write"),
    ("POST", "/v1/keys/1/retire", "keys:write"),
    ("POST", "/v1/keys/1/revoke", "keys:write"),
    ("POST", "/v1/cards/card_test_1/reveal", "cards:reveal"),
];

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
    for (method, path, _) in OPERATORS_ROUTES {
        let answer = verifier.call(&shop, method, path, Some(json!({}))).await;
        assert_eq!(answer.problem(), "unauthenticated", "{method} {path}");
        assert_eq!(answer.status, 401);
    }
    let logged = verifier
        .database
        .number("SELECT count(*) FROM audit WHERE action = 'auth.failed'");
    assert_eq!(logged, 6);
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
        let answer = staff.call(&verifier, method, path, Some(json!({}))).await;
        assert_eq!(answer.problem(), "unauthenticated", "{method} {path}");
    }
    let answer = staff.call(&verifier, "GET", "/v1/keys", None).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn every_operators_route_wants_its_scope_and_says_so_in_the_audit() {
    let (verifier, _) = scene().await;
    for (method, path, scope) in OPERATORS_ROUTES {
        let others: Vec<_> = ALL.split(' ').filter(|other| *other != scope).collect();
        let staff = Staff::hire(&verifier, &others.join(" ")).await;
        // No body is read of somebody who may not.
        let answer = staff.call(&verifier, method, path, None).await;
        assert_eq!(answer.problem(), "forbidden", "{method} {path}");
    }
    let logged = verifier.database.texts(
        "SELECT reason FROM audit WHERE action = 'auth.forbidden' AND code = 'forbidden' ORDER BY seq",
    );
    assert_eq!(logged, OPERATORS_ROUTES.map(|(_, _, scope)| scope));
}

#[tokio::test]
async fn operators_are_not_on_the_public_listener() {
    let (verifier, _) = scene().await;
    for (_, path, _) in OPERATORS_ROUTES {
        let answer = verifier.public(waxseal_tests::get(path, None)).await;
        assert_eq!(answer.problem(), "not_found", "{path}");
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
    let raised = verifier
        .database
        .number("SELECT count(*) FROM alert WHERE kind = 'auth_failures'");
    assert_eq!(raised, 1);
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
