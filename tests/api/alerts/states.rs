//! Reading alerts, and moving them on.

use serde_json::json;
use waxseal_tests::{Staff, TestVerifier};
use waxseal_verifier::{
    alerts::look_at_keys,
    clock::Clock,
    store::{
        Subject, SubjectKind,
        alerts::{Detail, Sign},
    },
};

use super::alerts;

async fn raise(verifier: &TestVerifier, id: &str) {
    let sign = Sign {
        kind: "auth_failures",
        subject: Subject::new(SubjectKind::Client, id),
        aspect: String::new(),
        detail: Detail::default(),
        count: 5,
        more: 5,
        at: verifier.clock.now(),
    };
    let raised = waxseal_verifier::alerts::raise(&verifier.app, sign).await;
    assert!(raised.unwrap().is_some());
}

#[tokio::test]
async fn pages_and_states_are_read_latest_first() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, "alerts:read alerts:write").await;
    for id in ["cli_test_1", "cli_test_2", "cli_test_3"] {
        raise(&verifier, id).await;
        verifier.clock.advance_millis(1000);
    }
    let read = async |query: &str| {
        let path = format!("/v1/alerts?{query}");
        staff.call(&verifier, "GET", &path, None).await.json()
    };
    let page = read("limit=2").await;
    assert_eq!(page["data"][0]["subject"]["id"], "cli_test_3");
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    let next = page["next_cursor"].as_str().unwrap();
    let last = read(&format!("limit=2&after={next}")).await;
    assert_eq!(last["data"][0]["subject"]["id"], "cli_test_1");
    assert!(last.get("next_cursor").is_none());
    let id = last["data"][0]["id"].as_str().unwrap();
    let path = format!("/v1/alerts/{id}/close");
    let closed = staff.call(&verifier, "POST", &path, Some(json!({}))).await;
    assert_eq!(closed.json()["closed_by"], staff.id.as_str());
    assert_eq!(
        read("state=closed").await["data"].as_array().unwrap().len(),
        1
    );
    assert_eq!(
        read("state=open").await["data"].as_array().unwrap().len(),
        2
    );
    // It goes no step back.
    let path = format!("/v1/alerts/{id}/acknowledge");
    let again = staff.call(&verifier, "POST", &path, Some(json!({}))).await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["state"]),
        (200, &json!("closed"))
    );
    let audit = "SELECT action FROM audit WHERE action LIKE 'alert.%'";
    assert_eq!(verifier.database.texts(audit), ["alert.closed"]);
}

#[tokio::test]
async fn who_may_read_may_not_close_and_what_is_not_there_is_not_found() {
    let verifier = TestVerifier::start().await;
    raise(&verifier, "cli_test_1").await;
    let reader = Staff::hire(&verifier, "alerts:read").await;
    let writer = Staff::hire(&verifier, "alerts:write").await;
    let id = alerts(&verifier, &reader, "auth_failures").await[0]["id"].clone();
    let path = format!("/v1/alerts/{}/close", id.as_str().unwrap());
    let refused = reader.call(&verifier, "POST", &path, Some(json!({}))).await;
    assert_eq!(refused.problem(), "forbidden");
    let refused = writer.call(&verifier, "GET", "/v1/alerts", None).await;
    assert_eq!(refused.problem(), "forbidden");
    let none = writer
        .call(
            &verifier,
            "POST",
            "/v1/alerts/alr_none/close",
            Some(json!({})),
        )
        .await;
    assert_eq!(none.problem(), "not_found");
    for query in ["state=gone", "limit=0", "limit=101", "colour=red"] {
        let path = format!("/v1/alerts?{query}");
        let refused = reader.call(&verifier, "GET", &path, None).await;
        assert_eq!(refused.problem(), "request_invalid", "{query}");
    }
}

#[tokio::test]
async fn keys_that_are_used_for_a_year_are_told_of_once_for_each_step() {
    let verifier = TestVerifier::start().await;
    let staff = Staff::hire(&verifier, "alerts:read").await;
    let mut day = 0;
    let mut steps = vec![];
    for (at_day, count) in [(334, 0), (335, 1), (340, 1), (351, 2), (362, 3), (366, 3)] {
        verifier.clock.advance_millis((at_day - day) * 86_400_000);
        day = at_day;
        for _ in 0..2 {
            look_at_keys(&verifier.app).await.unwrap();
        }
        let raised = alerts(&verifier, &staff, "key_ends").await;
        let deks = "SELECT id FROM key WHERE purpose = 'dek' AND mode = 'live'";
        let dek = &verifier.database.texts(deks)[0];
        let of_dek = raised
            .iter()
            .filter(|alert| alert["subject"]["id"] == dek.as_str());
        steps.push((at_day, of_dek.count()));
        assert_eq!(steps.last(), Some(&(at_day, count)));
    }
}
