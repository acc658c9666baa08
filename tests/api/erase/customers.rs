//! Erasing customers, and many rows at once.

use std::time::Duration;

use serde_json::json;
use waxseal_tests::{AMEX, MASTERCARD, VISA};
use waxseal_verifier::{clock::Clock, mode::Mode, store::cards, vault};

use super::{ERASED, card};
use crate::customers::scene;

#[tokio::test]
async fn an_erased_customer_takes_along_what_nobody_else_needs() {
    let scene = scene().await;
    let own = scene.buy(Some("c-1"), VISA).await;
    let shared = scene.buy(Some("c-1"), MASTERCARD).await;
    let others = scene.buy(Some("c-2"), MASTERCARD).await;
    let in_use = scene.buy(Some("c-1"), AMEX).await;
    let guests = scene.buy(None, AMEX).await;
    let open = scene.open(Some("c-1")).await;
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);

    for path in [
        "/v1/customers/c-1",
        "/v1/customers/c-1/export",
        "/v1/cards?customer=c-1",
    ] {
        assert_eq!(scene.read(path).await.problem(), "not_found", "{path}");
    }
    assert_eq!(
        scene.delete("/v1/customers/c-1").await.problem(),
        "not_found"
    );
    assert_eq!(scene.read(&card(&own).0).await.problem(), "not_found");
    // Another customer's, and one that a session which is not over yet has taken.
    assert_eq!(scene.read(&card(&shared).0).await.status, 200);
    assert_eq!(scene.read(&card(&in_use).0).await.status, 200);
    for session in [&own, &shared, &in_use] {
        let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
        let after = scene.read(&path).await.json();
        assert_eq!(
            (&after["card"], &after["customer"]),
            (&json!(null), &json!(null))
        );
        assert!(after["erased_at"].is_string());
    }
    for session in [&others, &guests] {
        let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
        assert_eq!(scene.read(&path).await.json(), *session);
    }
    let path = format!("/v1/sessions/{}", open.session_id);
    assert_eq!(scene.read(&path).await.json()["customer"], json!(null));
    assert_eq!(scene.rows(ERASED), 3);
    assert_eq!(
        (scene.rows("customer"), scene.rows("customer_card")),
        (1, 1)
    );
    assert_eq!(scene.rows("velocity_event"), 2);
    assert_eq!(
        scene.rows("audit WHERE action = 'customer.erased' AND client_id IS NOT NULL"),
        1
    );
    let ids: Vec<String> = scene.ledger().into_iter().map(|line| line.id).collect();
    assert!(
        ids[0].starts_with("cus_test_") && ids[1] == card(&own).1 && ids.len() == 2,
        "{ids:?}"
    );
    scene.is_whole().await;

    // The same reference is a new customer, who has nothing.
    scene.buy(Some("c-1"), VISA).await;
    assert_eq!(scene.read("/v1/customers/c-1").await.json()["cards"], 1);
}

#[tokio::test]
async fn when_all_sessions_are_over_only_another_customer_keeps_a_card() {
    let scene = scene().await;
    let shared = scene.buy(Some("c-1"), MASTERCARD).await;
    scene.buy(Some("c-2"), MASTERCARD).await;
    let guests = scene.buy(None, AMEX).await;
    scene.buy(Some("c-1"), AMEX).await;
    scene.verifier.clock.advance_millis(60 * 60 * 1000);
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);
    assert_eq!(scene.read(&card(&shared).0).await.status, 200);
    assert_eq!(scene.read(&card(&guests).0).await.problem(), "not_found");
    assert_eq!(scene.delete("/v1/customers/c-2").await.status, 204);
    assert_eq!(scene.rows("card"), 0);
    assert_eq!(scene.rows(ERASED), 4);
    scene.is_whole().await;
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_is_ended_by_asking_again() {
    let scene = scene().await;
    let session = scene.buy(Some("c-1"), VISA).await;
    let (path, id) = card(&session);
    scene.copy_submissions(450);
    let (keys, now) = (
        scene.verifier.app.keys_of(Mode::Test),
        scene.verifier.clock.now(),
    );
    let merchant_id = scene.shop.merchant_id.clone();
    let step = scene.verifier.app.store.write("step", move |tx| {
        let card = cards::find(tx, &merchant_id, &id)?.unwrap();
        vault::erase_card(tx, &keys, &card, now)
    });
    let step = step.await.unwrap();
    assert_eq!((step.submissions.len(), step.is_done), (200, false));
    assert_eq!((scene.rows(ERASED), scene.rows("submission")), (200, 451));
    assert_eq!(
        scene.read(&path).await.status,
        200,
        "it is there until the last step"
    );
    assert_eq!(scene.delete(&path).await.status, 204);
    assert_eq!(scene.rows(ERASED), 451);
    assert_eq!(scene.ledger().len(), 1);

    scene.buy(Some("c-1"), MASTERCARD).await;
    let live = scene.rows("submission WHERE erased_at IS NULL");
    assert_eq!(live, 1);
    scene
        .verifier
        .database
        .run(&["UPDATE session SET customer_id = (SELECT id FROM customer)"]);
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);
    assert_eq!(scene.rows(ERASED), 452);
    assert_eq!(scene.rows("session WHERE customer_id IS NOT NULL"), 0);
}

#[tokio::test]
async fn submissions_at_the_same_time_are_before_or_after() {
    let scene = &scene().await;
    let (path, first) = card(&scene.buy(Some("c-1"), VISA).await);
    let mut open = Vec::new();
    for _ in 0..30 {
        open.push(scene.open(Some("c-1")).await);
    }
    let submissions = open.into_iter().map(|mut checkout| async move {
        assert_eq!(checkout.pay(&scene.verifier, VISA).await.status, 200);
    });
    let erasures = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(scene.delete(&path).await.status, 204);
    };
    tokio::join!(futures_util::future::join_all(submissions), erasures);
    assert!(scene.rows("card") <= 1);
    assert_eq!(
        scene.rows(&format!("submission WHERE card_id = '{first}'")),
        0
    );
    assert_eq!(scene.rows("customer_card"), scene.rows("card"));
    scene.is_whole().await;
}
