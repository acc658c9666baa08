//! Credentials that were good: tokens whose time is over, and a client that calls from elsewhere.

use waxseal_tests::{Browser, Consent, DpopKey, Person, Program};
use waxseal_verifier::identity::OperatorScope;

use super::{Operation, all_but, name, scene};

#[tokio::test]
async fn a_token_whose_time_is_over_is_refused() {
    let scene = scene().await;
    scene.verifier.clock.advance_millis(15 * 60 * 1000);
    let bearer = format!("Bearer {}", scene.client_token);
    let mut seen = 0;
    for (operation, _) in scene.of_kind("client_token") {
        for answer in scene.call(operation, Some(&bearer)).await {
            assert_eq!(answer.problem(), "client_token_expired");
            assert_eq!(answer.status, 401);
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn from_an_address_that_is_not_the_clients_nothing_is_answered() {
    let scene = scene().await;
    let bearer = scene.access_token().await;
    let database = &scene.verifier.database;
    database.run(&["UPDATE client SET networks = '192.0.2.0/24'"]);
    for (operation, _) in scene.of_kind("client") {
        for authorization in [scene.owner.authorization(), &bearer] {
            for answer in scene.call(operation, Some(authorization)).await {
                assert_eq!(
                    answer.problem(),
                    "address_not_allowed",
                    "{}",
                    name(operation)
                );
                assert_eq!(answer.status, 403);
            }
        }
    }
}

#[tokio::test]
async fn a_servers_token_whose_time_is_over_is_refused() {
    let scene = scene().await;
    let bearer = scene.access_token().await;
    let outcome = async |operation: &Operation| {
        let answers = scene.call(operation, Some(&bearer)).await;
        answers[0].status.as_u16()
    };
    // The control.
    for (operation, _) in scene.of_kind("client") {
        assert_ne!(outcome(operation).await, 401, "{}", name(operation));
    }
    scene.verifier.clock.advance_millis(15 * 60 * 1000);
    for (operation, _) in scene.of_kind("client") {
        assert_eq!(outcome(operation).await, 401, "{}", name(operation));
    }
}

#[tokio::test]
async fn an_operators_token_whose_time_is_over_is_refused() {
    let scene = scene().await;
    let verifier = &scene.verifier;
    let scopes = all_but::<OperatorScope>("");
    let person = Person::add(verifier, "ann", None, &scopes).await;
    let program = Program::add(verifier, &scopes).await;
    let consent = Consent::of(&program, &scopes);
    let mut browser = Browser::default();
    let code = browser.consent(verifier, &person, &consent).await;
    let (key, fields) = (DpopKey::make(), consent.redemption(&program, &code));
    let tokens = verifier.ask_for_token(&fields, Some(&key)).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    let outcome = async |operation: &Operation| {
        let path = scene.path(operation);
        let answer = verifier.call_with_proof(&key, token, &operation.method, &path);
        answer.await.status.as_u16()
    };
    let in_private =
        |(operation, _): &(&Operation, &str)| operation.listeners.contains(&"private".to_owned());
    let operations: Vec<_> = scene.of_kind("operator").filter(in_private).collect();
    assert!(operations.len() > 5);
    // The control.
    for (operation, _) in &operations {
        assert_ne!(outcome(operation).await, 401, "{}", name(operation));
    }
    verifier.clock.advance_millis(15 * 60 * 1000);
    for (operation, _) in &operations {
        assert_eq!(outcome(operation).await, 401, "{}", name(operation));
    }
}
