//! `GET /v1/audit`

use serde_json::Value;
use waxseal_tests::Staff;

use super::Audited;

#[tokio::test]
async fn operators_read_it_page_by_page_newest_first() {
    let audited = Audited::start().await;
    let reader = Staff::hire(&audited.verifier, "audit:read").await;
    // That it has called is logged too, once.
    let first = reader.call(&audited.verifier, "GET", "/v1/audit", None);
    assert_eq!(first.await.status, 200);
    let rows = audited.database().number("SELECT count(*) FROM audit");
    let (mut after, mut all) = (String::new(), Vec::<Value>::new());
    loop {
        let path = format!("/v1/audit?limit=7&after={after}");
        let page = reader
            .call(&audited.verifier, "GET", &path, None)
            .await
            .json();
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(all.len() as u64, rows);
    let times: Vec<_> = all
        .iter()
        .map(|entry| entry["at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|later, earlier| later >= earlier));
    let places: std::collections::BTreeSet<_> = all
        .iter()
        .map(|entry| format!("{}{}{}", entry["merchant_id"], entry["chain"], entry["seq"]))
        .collect();
    assert_eq!(places.len(), all.len(), "each once");
    let stored = all
        .iter()
        .find(|entry| entry["action"] == "card.stored")
        .unwrap();
    assert_eq!(stored["reason"], "allow");
    assert!(
        stored["address"].is_string() && stored.get("card_id").is_none(),
        "{stored}"
    );
}

#[tokio::test]
async fn filters_and_a_cursor_that_is_none() {
    let audited = Audited::start().await;
    let reader = Staff::hire(&audited.verifier, "audit:read").await;
    let (merchant, _) = audited.merchant();
    let count = async |query: &str| {
        let path = format!("/v1/audit?limit=100&{query}");
        let answer = reader.call(&audited.verifier, "GET", &path, None).await;
        answer.json()["data"].as_array().unwrap().len()
    };
    assert_eq!(count("action=card.stored").await, 6);
    assert_eq!(
        count(&format!("action=card.stored&merchant_id={merchant}")).await,
        3
    );
    assert_eq!(count("merchant_id=mch_1").await, 0);
    for bad in ["after=x", "limit=0", "limit=101", "colour=red"] {
        let path = format!("/v1/audit?{bad}");
        let answer = reader.call(&audited.verifier, "GET", &path, None).await;
        assert_eq!(answer.problem(), "request_invalid", "{bad}");
    }
    let other = Staff::hire(&audited.verifier, "keys:read").await;
    let answer = other
        .call(&audited.verifier, "GET", "/v1/audit", None)
        .await;
    assert_eq!(answer.problem(), "forbidden");
}
