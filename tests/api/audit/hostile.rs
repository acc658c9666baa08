//! Databases and files of roots that are made to hurt whoever verifies them.

use std::time::{Duration, Instant};

use waxseal_tests::Database;
use waxseal_verifier::{
    audit::{RootFile, Witnesses},
    clock::Clock,
};

use super::Audited;

/// Longer than any of these verifications takes on a busy machine; one that goes through all numbers never ends.
const AT_MOST: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_root_with_a_number_far_away_is_one_gap() {
    let audited = Audited::start().await;
    let off: &[&str] = match audited.database() {
        Database::Postgres(_) => &[],
        Database::Sqlite(_) => &["PRAGMA foreign_keys = OFF"],
    };
    let far = i64::MAX;
    let root = format!("UPDATE audit_root SET number = {far} WHERE number = 2");
    let heads = format!("UPDATE audit_root_head SET number = {far} WHERE number = 2");
    audited.tamper(&[off, &[&root, &heads]].concat());
    let started = Instant::now();
    let report = audited.report(Witnesses::default()).await;
    assert!(started.elapsed() < AT_MOST);
    let told: Vec<_> = report.faults.iter().map(ToString::to_string).collect();
    assert!(
        told.contains(&format!("roots 2 to {}: are missing", far - 1)),
        "{told:?}"
    );
    let differs = format!("root {far}: is not over what was signed or said of it");
    assert!(told.contains(&differs), "{told:?}");
    assert!(told.len() < 10, "{told:?}");
}

#[tokio::test]
async fn of_a_chain_with_nothing_right_so_many_faults_are_told() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    let row = "SELECT merchant_id, chain, seq + 100 * n.n, at, action, code, reason, client_id, session_id, ip_digest,
         request_id, key_id, operator_id, card_id, subject, count, hash";
    let many = "(SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)";
    audited.tamper(&[&format!(
        "INSERT INTO audit (merchant_id, chain, seq, at, action, code, reason, client_id, session_id, ip_digest,
             request_id, key_id, operator_id, card_id, subject, count, hash)
         {row} FROM audit, {many} AS n WHERE {its}"
    )]);
    let found = audited.faults().await;
    let of_it = found.iter().filter(|fault| fault.starts_with(&merchant));
    assert_eq!(of_it.count(), 20, "{found:?}");
}

#[tokio::test]
async fn a_hash_of_another_length_is_named_and_ends_nothing() {
    for (table, hash) in [
        ("audit", vec![7; 31]),
        ("audit", vec![]),
        ("audit", vec![0; 100_000]),
        ("audit_root_head", vec![1]),
    ] {
        let audited = Audited::start().await;
        let (merchant, its) = audited.merchant();
        let hash = audited.database().literal(&hash);
        let seq = match table {
            "audit" => " AND seq = 3",
            _ => "",
        };
        audited.tamper(&[&format!(
            "UPDATE {table} SET hash = {hash} WHERE {its}{seq}"
        )]);
        let found = audited.faults().await;
        let named = match table {
            "audit" => format!("{merchant} chain 0 entry 3: was changed or put there"),
            _ => ": is not over what was signed or said of it".to_owned(),
        };
        let is_named = found.iter().any(|fault| fault.ends_with(&named));
        assert!(is_named, "{found:?}");
    }
}

#[tokio::test]
async fn a_segment_that_was_removed_before_its_time_is_named() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    // As the verifier prunes, up to the last root: only the time is not over.
    let database = audited.database();
    let last = database.number(&format!(
        "SELECT max(seq) FROM audit_root_head WHERE {its} AND chain = 0"
    ));
    let hash = database.bytes(&format!(
        "SELECT hash FROM audit_root_head WHERE {its} AND chain = 0 AND seq = {last}"
    ));
    let hash = database.literal(&hash);
    audited.tamper(&[
        &format!("UPDATE audit_chain SET pruned_seq = {last}, pruned_hash = {hash} WHERE {its}"),
        &format!("DELETE FROM audit WHERE {its} AND seq <= {last}"),
    ]);
    assert!(audited.faults().await.is_empty(), "it ends at a root");
    let now = audited.verifier.clock.now();
    let kept = |kept_since| Witnesses {
        kept_since: Some(kept_since),
        ..Witnesses::default()
    };
    let report = audited.report(kept(now.plus_seconds(-86_400))).await;
    let told: Vec<_> = report.faults.iter().map(ToString::to_string).collect();
    let early = format!("{merchant} chain 0 entry {last}: was pruned with root ");
    assert!(told.len() == 1 && told[0].starts_with(&early), "{told:?}");
    // When its time is over it may go.
    let report = audited.report(kept(now.plus_seconds(1))).await;
    assert!(report.faults.is_empty(), "{:?}", report.faults);
}

#[test]
fn lines_that_are_no_roots_are_named_whatever_they_hold() {
    let good = r#"{"number":1,"signed":"a.b.c","moved":[]}"#;
    assert_eq!(RootFile::parse(&format!("{good}\n")).unwrap().len(), 1);
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let long = format!(
        r#"{{"number":1,"signed":"{}","moved":[[1]]}}"#,
        "a".repeat(10_000_000)
    );
    for bad in [
        "null",
        "{",
        &good[..good.len() - 1],
        r#"{"number":1,"number":2,"signed":"a.b.c","moved":[]}"#,
        r#"{"number":1,"signed":"a.b.c","moved":[],"more":1}"#,
        r#"{"number":-1,"signed":"a.b.c","moved":[]}"#,
        r#"{"number":1e400,"signed":"a.b.c","moved":[]}"#,
        r#"{"number":18446744073709551616,"signed":"a.b.c","moved":[]}"#,
        r#"{"number":1,"signed":"a.b.c","moved":[["AA",0,1,"AA"]]}"#,
        r#"{"number":1,"signed":"a.b.c","moved":[["AAAAAAAAAAAAAAAAAAAAAA",256,1,"AA"]]}"#,
        &deep,
        &format!(r#"{{"number":1,"signed":"a","moved":{deep}}}"#),
        &long,
    ] {
        let text = format!("{good}\n{bad}\n");
        let start = &bad[..bad.len().min(60)];
        assert_eq!(RootFile::parse(&text).err(), Some(2), "{start}");
        // Without an end it was cut off.
        assert_eq!(RootFile::parse(&format!("{good}\n{bad}")).unwrap().len(), 1);
    }
}
