//! Tables `submission` and `assessment`: what was sent with a card, and what was decided on it.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx};
use crate::clock::Timestamp;

/// One accepted envelope.
pub struct Submission {
    /// `sub_test_…` or `sub_live_…`.
    pub id: String,
    /// The session it was made in.
    pub session_id: String,
    /// The session's merchant.
    pub merchant_id: String,
    /// The card it carried.
    pub card_id: String,
    /// The brand that the customer chose on a co-badged card.
    pub network: Option<String>,
    /// Expiry, name and postal code, encrypted.
    pub details_enc: Vec<u8>,
    /// Browser data and signals, encrypted.
    pub signals_enc: Vec<u8>,
    /// The client's address, encrypted.
    pub ip_enc: Vec<u8>,
    /// When it arrived.
    pub created_at: Timestamp,
}

/// The decision on a submission.
pub struct Assessment {
    /// allow, review or reject.
    pub outcome: String,
    /// What the rules read and answered, encrypted.
    pub facts_enc: Vec<u8>,
    /// Version of the rules.
    pub rule_set: String,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// Adds a submission with its assessment.
///
/// # Errors
/// When the store fails.
pub fn insert(
    tx: &Tx<'_>,
    submission: &Submission,
    assessment: &Assessment,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO submission (id, session_id, merchant_id, card_id, network, details_enc,
             signals_enc, ip_enc, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        submission.id,
        submission.session_id,
        submission.merchant_id,
        submission.card_id,
        submission.network,
        submission.details_enc,
        submission.signals_enc,
        submission.ip_enc,
        submission.created_at,
    ])?;
    tx.prepare_cached(
        "INSERT INTO assessment (submission_id, outcome, facts_enc, rule_set, decided_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        submission.id,
        assessment.outcome,
        assessment.facts_enc,
        assessment.rule_set,
        assessment.decided_at,
    ])?;
    Ok(())
}

/// A submission with its assessment.
///
/// # Errors
/// When the store fails.
pub fn find(
    connection: &Connection,
    id: &str,
) -> Result<Option<(Submission, Assessment)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, session_id, merchant_id, card_id, network, details_enc, signals_enc, ip_enc,
             created_at, outcome, facts_enc, rule_set, decided_at
         FROM submission JOIN assessment ON submission_id = id WHERE id = ?1",
    )?;
    let found = statement.query_row([id], |row| {
        let submission = Submission {
            id: row.get(0)?,
            session_id: row.get(1)?,
            merchant_id: row.get(2)?,
            card_id: row.get(3)?,
            network: row.get(4)?,
            details_enc: row.get(5)?,
            signals_enc: row.get(6)?,
            ip_enc: row.get(7)?,
            created_at: row.get(8)?,
        };
        let assessment = Assessment {
            outcome: row.get(9)?,
            facts_enc: row.get(10)?,
            rule_set: row.get(11)?,
            decided_at: row.get(12)?,
        };
        Ok((submission, assessment))
    });
    Ok(found.optional()?)
}
