//! The audit's chains and signed roots: whatever is done to them in the database is found and named.

mod export;
mod first_use;
mod hostile;
mod listing;
mod posting;
mod privileged;
mod pruning;
mod tampering;
mod vectors;

use waxseal_tests::{Database, ORIGIN, TestVerifier, VISA};
use waxseal_verifier::{
    audit::{Report, RootKeys, Witnesses, make_root, verify},
    mode::Mode,
    store::audit::roots::Root,
};

use crate::storage::pay;

/// A verifier that has taken cards of two merchants, and roots over its audit.
struct Audited {
    verifier: TestVerifier,
    roots: Vec<Root>,
}

impl Audited {
    async fn start() -> Self {
        let verifier = TestVerifier::start().await;
        let mut audited = Self {
            verifier,
            roots: Vec::new(),
        };
        for _ in 0..2 {
            let shop = audited.verifier.shop(Mode::Test, ORIGIN).await;
            for _ in 0..3 {
                pay(&audited.verifier, &shop, VISA).await;
            }
            audited.sign().await;
        }
        audited
    }

    async fn sign(&mut self) {
        let app = &self.verifier.app;
        let made = make_root(&app.store, &app.keyring(), app.clock.now()).await;
        self.roots.extend(made.unwrap());
    }

    fn database(&self) -> &Database {
        &self.verifier.database
    }

    async fn report(&self, witnesses: Witnesses) -> Report {
        let keys = RootKeys::of(&self.verifier.app.keyring());
        let store = &self.verifier.app.store;
        let report = store.read(move |connection| verify(connection, &keys, &witnesses));
        report.await.unwrap()
    }

    /// What is found with the signed roots that were kept elsewhere.
    async fn faults(&self) -> Vec<String> {
        let witnesses = Witnesses {
            roots: self.roots.clone(),
            head: None,
            kept_since: None,
        };
        let report = self.report(witnesses).await;
        report.faults.iter().map(ToString::to_string).collect()
    }

    /// As somebody can who has the database: past the triggers.
    fn tamper(&self, statements: &[&str]) {
        let off: &[&str] = match self.database() {
            Database::Postgres(_) => &["SET session_replication_role = replica"],
            Database::Sqlite(_) => &[
                "DROP TRIGGER IF EXISTS audit_never_changes",
                "DROP TRIGGER IF EXISTS audit_never_shrinks",
                "DROP TRIGGER IF EXISTS audit_root_never_changes",
                "DROP TRIGGER IF EXISTS audit_root_never_shrinks",
            ],
        };
        self.database().run(&[off, statements].concat());
    }

    /// The merchant whose chain is told of, as text and as its column's condition.
    fn merchant(&self) -> (String, String) {
        let ids = self.database().texts(
            "SELECT id_text('mch', merchant_id) FROM audit WHERE action = 'card.stored' ORDER BY merchant_id",
        );
        let condition = format!("id_text('mch', merchant_id) = '{}'", ids[0]);
        (ids[0].clone(), condition)
    }
}

#[tokio::test]
async fn what_was_written_verifies() {
    let mut audited = Audited::start().await;
    assert_eq!(audited.faults().await, Vec::<String>::new());
    let rows = audited.database().number("SELECT count(*) FROM audit");
    let report = audited.report(Witnesses::default()).await;
    assert_eq!((report.entries, report.roots), (rows, 2));
    assert!(report.chains >= 2, "{report:?}");
    // Nothing was logged since.
    audited.sign().await;
    assert_eq!(audited.roots.len(), 2);
    let head = audited.roots[1].signed.clone();
    let witnesses = Witnesses {
        roots: Vec::new(),
        head: Some(head),
        kept_since: None,
    };
    assert!(audited.report(witnesses).await.faults.is_empty());
}

#[tokio::test]
async fn entries_that_are_written_at_once_are_one_chain_without_gaps() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    let sessions =
        (0..40).map(|_| verifier.call(&shop, "POST", "/v1/sessions", Some(shop.session_request())));
    for answer in futures_util::future::join_all(sessions).await {
        assert_eq!(answer.status, 201);
    }
    let audited = Audited {
        verifier,
        roots: Vec::new(),
    };
    let written = "SELECT count(*) FROM audit WHERE action = 'session.created'";
    assert_eq!(audited.database().number(written), 40);
    assert_eq!(audited.faults().await, Vec::<String>::new());
}
