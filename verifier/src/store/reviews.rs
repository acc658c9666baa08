//! Table `risk_review`, and the decisions that ask for one: submissions whose outcome is `review`.

use super::{Connection, Row, RowId, StoreError, Tx, Value, outcomes::OutcomeKind};
use crate::{clock::Timestamp, values};

/// A decision that a person should look at.
#[derive(Clone, Debug)]
pub struct ReviewRow {
    /// The submission's id.
    pub id: String,
    /// Its merchant.
    pub merchant_id: String,
    /// Its session.
    pub session_id: String,
    /// Its card.
    pub card_id: String,
    /// When it was decided that somebody should look.
    pub created_at: Timestamp,
    /// Who looks at it.
    pub claimed_by: Option<String>,
    /// Until when nobody else is to.
    pub claimed_until: Option<Timestamp>,
    /// What was found.
    pub decision: Option<OutcomeKind>,
    /// Why, in one word.
    pub reason: Option<String>,
    /// By whom.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

const COLUMNS: &str = "submission.id, merchant_id, session_id, card_id, created_at, claimed_by, claimed_until, \
     decision, reason, decided_by, decided_at";

/// The condition is the index's own. What was erased is nobody's to look at.
const FROM: &str = "FROM submission LEFT JOIN risk_review ON submission_id = submission.id
     WHERE outcome = 'review' AND erased_at IS NULL";

/// Decisions behind the one of that id, oldest first, `limit` at most; those that somebody has decided on, or the
/// others.
///
/// # Errors
/// When the store fails.
pub fn page(
    connection: &Connection,
    is_decided: bool,
    merchant_id: Option<&str>,
    after: &str,
    limit: u32,
) -> Result<Vec<ReviewRow>, StoreError> {
    let state = match is_decided {
        true => "decided_at IS NOT NULL",
        false => "decided_at IS NULL",
    };
    let behind = RowId::behind("sub", after);
    let rows = |whose: &str, values: &[Value<'_>]| {
        let sql = format!(
            "SELECT {COLUMNS} {FROM} AND submission.id > ?1 AND {state} {whose} ORDER BY submission.id LIMIT ?2"
        );
        connection.rows(&sql, values, read)
    };
    match merchant_id.map(|id| RowId::sought("mch", id)) {
        None => rows("", values![behind, limit]),
        Some(merchant_id) => rows("AND merchant_id = ?3", values![behind, limit, merchant_id]),
    }
}

/// The decision of that submission, if it asks for a person.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<ReviewRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} {FROM} AND submission.id = ?1");
    connection.row(&sql, values![RowId::sought("sub", id)], read)
}

/// Writes who looks at it, and what was found.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &Tx<'_>, review: &ReviewRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO risk_review (submission_id, claimed_by, claimed_until, decision, reason, decided_by, decided_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (submission_id) DO UPDATE SET claimed_by = excluded.claimed_by,
             claimed_until = excluded.claimed_until, decision = excluded.decision, reason = excluded.reason,
             decided_by = excluded.decided_by, decided_at = excluded.decided_at",
        values![
            RowId::of("sub", &review.id)?,
            review.claimed_by,
            review.claimed_until,
            review.decision,
            review.reason,
            review.decided_by,
            review.decided_at,
        ],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<ReviewRow, StoreError> {
    let card_id: Option<RowId> = row.get(3)?;
    Ok(ReviewRow {
        id: row.get::<RowId>(0)?.text("sub"),
        merchant_id: row.get::<RowId>(1)?.text("mch"),
        session_id: row.get::<RowId>(2)?.text("cs"),
        card_id: card_id.map_or_else(String::new, |id| id.text("card")),
        created_at: row.get(4)?,
        claimed_by: row.get(5)?,
        claimed_until: row.get(6)?,
        decision: row.get(7)?,
        reason: row.get(8)?,
        decided_by: row.get(9)?,
        decided_at: row.get(10)?,
    })
}
