//! `auth.succeeded`: once an hour for each credential.

use waxseal_tests::{ORIGIN, Staff, TestVerifier};
use waxseal_verifier::mode::Mode;

#[tokio::test]
async fn the_first_use_of_each_credential_in_an_hour_is_logged_and_no_other() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let staff = Staff::hire(&verifier, "keys:read").await;
    let use_both = async || {
        for _ in 0..5 {
            verifier.call(&shop, "GET", "/v1/cards", None).await;
            staff.call(&verifier, "GET", "/v1/keys", None).await;
        }
    };
    let logged = || {
        verifier.database.texts(
            "SELECT coalesce(client_id, operator_id) || ' ' || reason FROM audit
             WHERE action = 'auth.succeeded' AND length(ip_digest) = 16 AND length(request_id) = 16
             ORDER BY coalesce(client_id, operator_id), at",
        )
    };
    use_both().await;
    let once = [
        format!("{} secret", shop.client_id),
        format!("{} secret", staff.id),
    ];
    assert_eq!(logged(), once);
    verifier.clock.advance_millis(60 * 60 * 1000);
    use_both().await;
    assert_eq!(logged().len(), 4);
    // Who cannot prove it is not told of so.
    let stranger =
        waxseal_tests::Shop::new(shop.merchant_id.clone(), ORIGIN, &shop.client_id, "wxs_x");
    verifier.clock.advance_millis(60 * 60 * 1000);
    verifier.call(&stranger, "GET", "/v1/cards", None).await;
    assert_eq!(logged().len(), 4);
}

#[tokio::test]
async fn an_entry_that_cannot_be_written_fails_the_request_and_the_next_tells_it() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    verifier
        .database
        .run(&["ALTER TABLE audit RENAME TO audit_away"]);
    let answer = verifier.call(&shop, "GET", "/v1/cards", None).await;
    assert!(answer.status.is_server_error(), "{}", answer.text);
    verifier
        .database
        .run(&["ALTER TABLE audit_away RENAME TO audit"]);
    let answer = verifier.call(&shop, "GET", "/v1/cards", None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let logged = "SELECT count(*) FROM audit WHERE action = 'auth.succeeded'";
    assert_eq!(verifier.database.number(logged), 1);
}
