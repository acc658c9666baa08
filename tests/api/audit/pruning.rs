//! What is past its retention goes in whole segments, and what is left still verifies.

use waxseal_tests::{ORIGIN, TestVerifier, VISA};
use waxseal_verifier::{
    audit::{RootFile, Witnesses, prune},
    clock::Clock,
    mode::Mode,
    upkeep::keep_audit,
};

use super::Audited;
use crate::storage::pay;

#[tokio::test]
async fn whole_segments_are_pruned_and_the_rest_verifies_from_a_root_on() {
    let mut audited = Audited::start().await;
    let clock = &audited.verifier.clock;
    clock.advance_millis(3_600_000);
    let between = clock.now();
    clock.advance_millis(3_600_000);
    let shop = audited.verifier.shop(Mode::Test, ORIGIN).await;
    pay(&audited.verifier, &shop, VISA).await;
    audited.sign().await;
    let count = "SELECT count(*) FROM audit";
    let before = audited.database().number(count);
    let kept = audited.database().number(&format!(
        "SELECT count(*) FROM audit WHERE at >= {}",
        between.millis()
    ));
    let store = &audited.verifier.app.store;
    let removed = prune(store, between, audited.verifier.clock.now())
        .await
        .unwrap();
    assert!(removed > 0);
    assert_eq!(removed, before - kept);
    // One entry tells of it.
    assert_eq!(audited.database().number(count), kept + 1);
    let pruned = "SELECT count FROM audit WHERE action = 'audit.pruned'";
    assert_eq!(audited.database().number(pruned), before - kept);
    assert_eq!(audited.faults().await, Vec::<String>::new());
    let report = audited.report(Witnesses::default()).await;
    assert!(report.since.is_some_and(|since| since < between));
    // A chain that is empty now goes on where it ended.
    pay(&audited.verifier, &shop, VISA).await;
    audited.sign().await;
    assert_eq!(audited.faults().await, Vec::<String>::new());
    let again = prune(&audited.verifier.app.store, between, between).await;
    assert_eq!(again.unwrap(), 0);
}

#[tokio::test]
async fn what_was_removed_beyond_a_segment_is_named() {
    let audited = Audited::start().await;
    let (merchant, its) = audited.merchant();
    let hash = "(SELECT a.hash FROM audit a WHERE a.merchant_id = audit_chain.merchant_id AND a.chain = 0 AND a.seq = 2)";
    audited.tamper(&[
        &format!("UPDATE audit_chain SET pruned_seq = 2, pruned_hash = {hash} WHERE {its}"),
        &format!("DELETE FROM audit WHERE {its} AND seq <= 2"),
    ]);
    assert_eq!(
        audited.faults().await,
        [format!(
            "{merchant} chain 0 entry 2: was pruned, but no root ends there"
        )]
    );
}

#[tokio::test]
async fn the_file_of_roots_follows_and_a_line_that_was_cut_off_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roots");
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let mut file = RootFile::new(&path);
    for _ in 0..2 {
        pay(&verifier, &shop, VISA).await;
        keep_audit(&verifier.app).await.unwrap();
        file.follow(&verifier.app.store).await.unwrap();
    }
    let whole = std::fs::read_to_string(&path).unwrap();
    let roots = RootFile::parse(&whole).unwrap();
    assert_eq!(
        roots.iter().map(|root| root.number).collect::<Vec<_>>(),
        [1, 2]
    );
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    file.follow(&verifier.app.store).await.unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    let audited = Audited { verifier, roots };
    assert_eq!(audited.faults().await, Vec::<String>::new());
}
