//! Decisions with what they were made from, for who makes them again.

use super::{
    assessed::Assessed,
    snapshot::Snapshot,
    view::{assessed, decrypt},
};
use crate::{
    clock::Timestamp,
    keys::ModeKeys,
    risk::Decision,
    store::{
        StoreError,
        submissions::{self, Decided, Submission},
    },
};

/// A decision as it is kept.
#[derive(Clone, Debug)]
pub struct DecisionRecord {
    /// Outcome, points and every rule's answer.
    pub decision: Decision,
    /// Version of the rules.
    pub rule_set: String,
    /// When.
    pub decided_at: Timestamp,
    /// What it was made from; decisions of former releases have none.
    pub snapshot: Option<Snapshot>,
}

/// The decision on a submission with what it was made from, which no merchant's server reads: it identifies people.
///
/// # Errors
/// When the row is not as it was written.
pub fn record(keys: &ModeKeys, submission: &Submission) -> Result<DecisionRecord, StoreError> {
    assessed(keys, submission).map(DecisionRecord::from)
}

/// As [`record`], of a row that was read without the rest.
///
/// # Errors
/// When the row is not as it was written.
pub fn record_of(keys: &ModeKeys, decided: &Decided) -> Result<DecisionRecord, StoreError> {
    let leads_to = submissions::leads_to(&decided.session_id, &decided.card_id);
    let (id, merchant_id) = (&*decided.id, &*decided.merchant_id);
    let facts = submissions::place(id, merchant_id, "facts", &leads_to);
    decrypt::<Assessed>(keys, facts, &decided.facts_enc).map(DecisionRecord::from)
}

impl From<Assessed> for DecisionRecord {
    fn from(assessed: Assessed) -> Self {
        let Assessed {
            decision,
            rule_set,
            decided_at,
            snapshot,
            ..
        } = assessed;
        Self {
            decision,
            rule_set,
            decided_at,
            snapshot,
        }
    }
}
