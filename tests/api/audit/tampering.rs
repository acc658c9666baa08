//! One thing done to the tables in each test.

use waxseal_tests::{ORIGIN, TestVerifier, VISA};
use waxseal_verifier::{
    audit::{RootKeys, Witnesses, make_root, verify},
    keys::{Purpose, rotate},
    mode::Mode,
};

use super::Audited;
use crate::storage::pay;

#[tokio::test]
async fn a_changed_entry_is_named() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    let bytes = audited.database().literal(&[0xab; 16]);
    for (column, value) in [
        ("at", "at + 1"),
        ("action", "'session.revised'"),
        ("code", "'x'"),
        ("reason", "'x'"),
        ("client_id", "'cli_1'"),
        ("session_id", &bytes),
        ("ip_digest", &bytes),
        ("request_id", &bytes),
        ("key_id", "'k1'"),
        ("operator_id", "'op_1'"),
        ("card_id", "'card_1'"),
        ("subject", &bytes),
        ("count", "1"),
    ] {
        let keep = format!("CREATE TABLE kept AS SELECT * FROM audit WHERE {its} AND seq = 3");
        let change = format!("UPDATE audit SET {column} = {value} WHERE {its} AND seq = 3");
        audited.tamper(&[&keep, &change]);
        assert_eq!(
            audited.faults().await,
            [format!(
                "{merchant} chain 0 entry 3: was changed or put there"
            )],
            "{column}"
        );
        let back = format!(
            "UPDATE audit SET {column} = (SELECT {column} FROM kept) WHERE {its} AND seq = 3"
        );
        audited.tamper(&[&back, "DROP TABLE kept"]);
        assert!(audited.faults().await.is_empty(), "{column}");
    }
}

#[tokio::test]
async fn a_removed_entry_is_named() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    audited.tamper(&[&format!("DELETE FROM audit WHERE {its} AND seq = 3")]);
    let missing = format!("{merchant} chain 0 entry 3: is missing");
    assert_eq!(audited.faults().await, [missing]);
    // Those behind it moved up.
    let up = [4, 5, 6, 7, 8, 9].map(|seq| {
        format!(
            "UPDATE audit SET seq = {} WHERE {its} AND seq = {seq}",
            seq - 1
        )
    });
    let up: Vec<&str> = up.iter().map(String::as_str).collect();
    audited.tamper(&up);
    let found = audited.faults().await;
    let changed = format!("{merchant} chain 0 entry 3: was changed or put there");
    assert_eq!(found[0], changed, "{found:?}");
}

#[tokio::test]
async fn entries_that_changed_places_are_named() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    audited.tamper(&[
        &format!("UPDATE audit SET seq = 1000 WHERE {its} AND seq = 2"),
        &format!("UPDATE audit SET seq = 2 WHERE {its} AND seq = 3"),
        &format!("UPDATE audit SET seq = 3 WHERE {its} AND seq = 1000"),
    ]);
    let found = audited.faults().await;
    for seq in [2, 3] {
        let named = format!("{merchant} chain 0 entry {seq}: was changed or put there");
        assert!(found.contains(&named), "{found:?}");
    }
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_named_by_the_root() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    let last = audited
        .database()
        .number(&format!("SELECT max(seq) FROM audit WHERE {its}"));
    audited.tamper(&[&format!(
        "DELETE FROM audit WHERE {its} AND seq >= {}",
        last - 1
    )]);
    let cut = format!("{merchant} chain 0 entry {last}: was cut off, root ");
    let found = audited.faults().await;
    assert!(found.len() == 1 && found[0].starts_with(&cut), "{found:?}");
}

#[tokio::test]
async fn a_chain_that_was_removed_is_named_by_the_root_though_the_roots_went_with_it() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    let last = audited
        .database()
        .number(&format!("SELECT max(seq) FROM audit WHERE {its}"));
    let (rows, chain) = (
        format!("DELETE FROM audit WHERE {its}"),
        format!("DELETE FROM audit_chain WHERE {its}"),
    );
    audited.tamper(&[&rows, &chain]);
    let cut = format!("{merchant} chain 0 entry {last}: was cut off, root ");
    let found = audited.faults().await;
    assert!(
        found.iter().any(|fault| fault.starts_with(&cut)),
        "{found:?}"
    );
    // What was kept elsewhere has them still.
    audited.tamper(&["DELETE FROM audit_root_head", "DELETE FROM audit_root"]);
    let found = audited.faults().await;
    assert!(
        found.iter().any(|fault| fault.starts_with(&cut)),
        "{found:?}"
    );
    assert!(
        found.contains(&"root 2: is missing".to_owned()),
        "{found:?}"
    );
    let head = Witnesses {
        roots: Vec::new(),
        head: Some(audited.roots[1].signed.clone()),
        kept_since: None,
    };
    let report = audited.report(head).await;
    assert_eq!(report.faults[0].to_string(), "root 2: is missing");
}

#[tokio::test]
async fn a_root_of_another_key_is_forged() {
    let audited = Audited::start().await;
    let other = TestVerifier::start().await;
    // Tests' generators begin alike: the second key of the other is one that this verifier has never had.
    let (kind, parts) = ((Purpose::AuditRoot, Mode::Live), &other.app);
    let now = parts.clock.now();
    let made = rotate(&parts.store, parts.keys.kek(), kind, true, &*parts.rng, now).await;
    made.unwrap();
    parts.keys.refresh(&parts.store).await.unwrap();
    let (_, its) = audited.merchant();
    audited.tamper(&[
        &format!("DELETE FROM audit WHERE {its}"),
        &format!("DELETE FROM audit_chain WHERE {its}"),
        "DELETE FROM audit_root_head",
        "DELETE FROM audit_root",
    ]);
    // Signed anew, over what is left, by somebody who has no key of this verifier's.
    let app = &audited.verifier.app;
    make_root(&app.store, &other.app.keyring(), app.clock.now())
        .await
        .unwrap();
    let report = audited.report(Witnesses::default()).await;
    assert_eq!(
        report.faults[0].to_string(),
        "root 1: was not signed by any of the keys"
    );
    let keys = RootKeys::of(&other.app.keyring());
    let nothing = Witnesses::default();
    let its_own = app
        .store
        .read(move |connection| verify(connection, &keys, &nothing));
    assert!(
        its_own.await.unwrap().faults.is_empty(),
        "all else is as it should be"
    );
}

#[tokio::test]
async fn a_chain_that_was_written_anew_is_named_by_the_root() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    let last = audited
        .database()
        .number(&format!("SELECT max(seq) FROM audit WHERE {its}"));
    // The last entry with a hash that fits, as anybody can compute it: here taken from a verification.
    audited.tamper(&[&format!(
        "UPDATE audit SET at = at + 1 WHERE {its} AND seq = {last}"
    )]);
    let expected = {
        let read = audited.verifier.app.store.read(move |connection| {
            use waxseal_verifier::store::audit::walk;
            let mut hash = Vec::new();
            for start in walk::starts(connection)? {
                walk::walk(connection, &start, |seen| {
                    if seen.place.seq == last && seen.hash != seen.expected {
                        hash = seen.expected.to_vec();
                    }
                })?;
            }
            Ok(hash)
        });
        read.await.unwrap()
    };
    let expected = audited.database().literal(&expected);
    audited.tamper(&[&format!(
        "UPDATE audit SET hash = {expected} WHERE {its} AND seq = {last}"
    )]);
    let anew = format!("{merchant} chain 0 entry {last}: was written anew, root ");
    let found = audited.faults().await;
    assert!(found.len() == 1 && found[0].starts_with(&anew), "{found:?}");
}

#[tokio::test]
async fn a_root_whose_like_took_its_place_is_named_by_the_one_behind_it() {
    let mut audited = Audited::start().await;
    let former = audited.roots[1].signed.clone();
    // As after going back to a backup: the second root is signed again, and goes on.
    audited.tamper(&[
        "DELETE FROM audit_root_head WHERE number = 2",
        "DELETE FROM audit_root WHERE number = 2",
    ]);
    audited.verifier.clock.advance_millis(1000);
    audited.sign().await;
    let shop = audited.verifier.shop(Mode::Test, ORIGIN).await;
    pay(&audited.verifier, &shop, VISA).await;
    audited.sign().await;
    let told = async || {
        let report = audited.report(Witnesses::default()).await;
        let told = report.faults.iter().map(ToString::to_string);
        told.collect::<Vec<_>>()
    };
    assert_eq!(told().await, Vec::<String>::new());
    // Who kept the former one sees that it is another.
    let differs = "root 2: is not over what was signed or said of it";
    assert_eq!(audited.faults().await, [differs]);
    let back = format!("UPDATE audit_root SET signed = '{former}' WHERE number = 2");
    audited.tamper(&[&back]);
    let named = "root 3: is not over what was signed or said of it";
    assert_eq!(told().await, [named]);
}

#[tokio::test]
async fn an_entry_in_a_chain_that_is_not_there_is_counted() {
    let audited = Audited::start().await;
    let (_, its) = audited.merchant();
    let fields = "at, action, code, reason, client_id, session_id, ip_digest, request_id, key_id, operator_id, card_id,
         subject, count, hash";
    audited.tamper(&[&format!(
        "INSERT INTO audit (merchant_id, chain, seq, {fields})
         SELECT merchant_id, 5, seq, {fields} FROM audit WHERE {its} AND seq = 1"
    )]);
    let counted = "1 entries: are in no chain that there is";
    assert_eq!(audited.faults().await, [counted]);
}

#[tokio::test]
async fn a_line_of_another_number_than_was_signed_is_no_root() {
    let audited = Audited::start().await;
    let mut line = audited.roots[1].clone();
    line.number = 1;
    let witnesses = Witnesses {
        roots: vec![line],
        ..Witnesses::default()
    };
    let report = audited.report(witnesses).await;
    let told: Vec<_> = report.faults.iter().map(ToString::to_string).collect();
    let forged = "the root that was given: was not signed by any of the keys";
    assert_eq!(told, [forged]);
}
