//! Table `risk_assessment`: decisions without a session.

use super::{Connection, Row, StoreError, Tx, crypter::Place};
use crate::{clock::Timestamp, values};

/// The table's name.
pub const TABLE: &str = "risk_assessment";

/// One decision on what a merchant's server knows.
#[derive(Clone, Debug)]
pub struct AssessmentRow {
    /// `asm_test_…` or `asm_live_…`.
    pub id: String,
    /// Whose server asked.
    pub merchant_id: String,
    /// The card it is about; empty for none of the vault.
    pub card_id: String,
    /// allow, challenge, review or reject.
    pub outcome: String,
    /// The decision and what it was made from, encrypted.
    pub record_enc: Vec<u8>,
    /// Version of the rules.
    pub rule_set: String,
    /// When it was decided.
    pub created_at: Timestamp,
}

/// Where the encrypted record lies. `look_ups` is the card alone: it can be moved to no other.
pub fn place<'p>(id: &'p str, merchant_id: &'p str, look_ups: &'p [&'p str]) -> Place<'p> {
    Place {
        table: TABLE,
        column: "record",
        row: id,
        merchant: merchant_id,
        look_ups,
    }
}

const COLUMNS: &str = "id, merchant_id, card_id, outcome, record_enc, rule_set, created_at";

/// Adds a decision.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, row: &AssessmentRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO risk_assessment (id, merchant_id, card_id, outcome, record_enc, rule_set, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        values![
            row.id,
            row.merchant_id,
            row.card_id,
            row.outcome,
            row.record_enc,
            row.rule_set,
            row.created_at,
        ],
    )?;
    Ok(())
}

/// The decision of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<AssessmentRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_assessment WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// Decisions behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(
    connection: &Connection,
    id: &str,
    limit: u32,
) -> Result<Vec<AssessmentRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_assessment WHERE id > ?1 ORDER BY id LIMIT ?2");
    connection.rows(&sql, values![id, limit], read)
}

/// Writes the encrypted record anew.
///
/// # Errors
/// When the store fails.
pub fn update_encrypted(tx: &Tx<'_>, id: &str, record_enc: &[u8]) -> Result<(), StoreError> {
    let sql = "UPDATE risk_assessment SET record_enc = ?2 WHERE id = ?1";
    tx.execute(sql, values![id, record_enc])?;
    Ok(())
}

/// Deletes the decisions on a card.
///
/// # Errors
/// When the store fails.
pub fn delete_of_card(tx: &Tx<'_>, card_id: &str) -> Result<(), StoreError> {
    // The condition is the index's own.
    let sql = "DELETE FROM risk_assessment WHERE card_id = ?1 AND card_id <> ''";
    tx.execute_any(sql, values![card_id])
}

fn read(row: &Row<'_>) -> Result<AssessmentRow, StoreError> {
    Ok(AssessmentRow {
        id: row.get(0)?,
        merchant_id: row.get(1)?,
        card_id: row.get(2)?,
        outcome: row.get(3)?,
        record_enc: row.get(4)?,
        rule_set: row.get(5)?,
        created_at: row.get(6)?,
    })
}
