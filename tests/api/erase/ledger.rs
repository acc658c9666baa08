//! The erase ledger: before each erasure, and after a backup was brought back.

use waxseal_tests::{MASTERCARD, VISA};
use waxseal_verifier::{
    clock::Clock,
    store::Erasure,
    vault::{self, ErasedAgain},
};

use super::card;
use crate::customers::scene;

#[tokio::test]
async fn nothing_is_erased_without_its_line_in_the_ledger() {
    let scene = scene().await;
    let (path, _) = card(&scene.buy(Some("c-1"), VISA).await);
    let ledger = scene.verifier.folder.path().join("waxseal.erased");
    std::fs::remove_file(&ledger).unwrap();
    std::fs::create_dir(&ledger).unwrap();
    for path in [&path, "/v1/customers/c-1"] {
        assert_eq!(scene.delete(path).await.problem(), "internal");
        assert_eq!(scene.read(path).await.status, 200);
    }
    std::fs::remove_dir(&ledger).unwrap();
    assert_eq!(scene.delete(&path).await.status, 204);
    assert_eq!(scene.ledger().len(), 1);
}

#[tokio::test]
async fn what_the_ledger_names_is_erased_again() {
    let scene = scene().await;
    let (_, visa) = card(&scene.buy(None, VISA).await);
    let (_, mastercard) = card(&scene.buy(Some("c-1"), MASTERCARD).await);
    let customers = scene
        .verifier
        .database
        .texts("SELECT id_text('cus', id) FROM customer");
    let gone = "card_test_01kagb7tq80000000000000000".to_owned();
    let named: Vec<Erasure> = [visa, customers[0].clone(), gone]
        .into_iter()
        .map(|id| Erasure {
            merchant_id: scene.shop.merchant_id.clone(),
            id,
        })
        .collect();
    let app = &scene.verifier.app;
    let again = async || {
        let now = scene.verifier.clock.now();
        vault::erase_again(&app.store, &app.keyring(), named.clone(), now)
            .await
            .unwrap()
    };
    // The customer's card goes with the customer.
    let wanted = ErasedAgain {
        cards: 1,
        customers: 1,
    };
    assert_eq!(again().await, wanted);
    assert_eq!(
        (scene.rows("card"), scene.rows("customer")),
        (0, 0),
        "{mastercard}"
    );
    assert_eq!(again().await, ErasedAgain::default());
    scene.is_whole().await;
}
