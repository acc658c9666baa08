//! A database of a former version, with rows in it, on either engine.

use serde_json::json;
use waxseal_tests::{Database, VISA};

use crate::customers::{Scene, scene};

/// Takes back what the sixth version of the schema brought.
const BACK_FROM_V6: [&str; 11] = [
    "DROP TABLE used_proof",
    "DROP TABLE revoked_token",
    "DROP TABLE refresh_token",
    "DROP TABLE oauth_code",
    "DROP TABLE oauth_grant",
    "DROP TABLE redirect_uri",
    "DROP TABLE public_client",
    "DROP TABLE client_auth",
    "DROP TABLE login_session",
    "DROP TABLE second_factor",
    "DROP TABLE user_account",
];
/// Takes back what the third version of the schema and the fourth brought.
const BACK_TO_V2: [&str; 14] = [
    "DROP TABLE reveal",
    "DROP TABLE operator",
    "ALTER TABLE audit DROP COLUMN operator_id",
    "ALTER TABLE audit DROP COLUMN card_id",
    "DROP TABLE customer_card",
    "DROP TABLE customer",
    "DROP TABLE swept",
    "DROP INDEX session_by_customer",
    "DROP INDEX submission_by_customer",
    "DROP INDEX submission_by_card",
    "ALTER TABLE session DROP COLUMN customer_id",
    "ALTER TABLE submission DROP COLUMN customer_id",
    "ALTER TABLE submission DROP COLUMN erased_at",
    "DELETE FROM refinery_schema_history WHERE version > 2",
];
/// SQLite cannot add it to a table that is there; its migration is tried beside it.
const REFERENCE: &str =
    "ALTER TABLE card_fingerprint ADD CONSTRAINT card_fingerprint_merchant_id_card_id_fkey
     FOREIGN KEY (merchant_id, card_id) REFERENCES card (merchant_id, id)";

#[tokio::test]
async fn cards_and_sessions_of_the_former_schema_are_used_and_erased() {
    let scene = scene().await;
    let before = scene.buy(None, VISA).await;
    let Scene { verifier, shop } = scene;
    let verifier = verifier
        .restart(|database| {
            database.run(&BACK_FROM_V6);
            database.run(&BACK_TO_V2);
            if let Database::Postgres(_) = database {
                database.run(&[REFERENCE]);
            }
        })
        .await;
    let scene = Scene { verifier, shop };
    let session = format!("/v1/sessions/{}", before["id"].as_str().unwrap());
    assert_eq!(scene.read(&session).await.json(), before);
    let after = scene.buy(Some("c-1"), VISA).await;
    assert_eq!(after["card"], before["card"]);
    assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);
    let card = format!("/v1/cards/{}", before["card"]["id"].as_str().unwrap());
    // The session before it has not expired.
    assert_eq!(scene.read(&card).await.status, 200);
    assert_eq!(scene.delete(&card).await.status, 204);
    let erased = scene.read(&session).await.json();
    assert_eq!(
        (&erased["card"], &erased["outcome"]),
        (&json!(null), &json!("allow"))
    );
}
