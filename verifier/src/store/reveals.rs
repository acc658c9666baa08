//! Table `reveal`: card numbers that were shown to operators.

use super::{Connection, Row, StoreError, Tx, crypter::Place};
use crate::{clock::Timestamp, values};

/// Where the reason of a reveal lies. `look_ups` are [`is_about`].
pub fn place<'p>(id: &'p str, merchant_id: &'p str, look_ups: &'p [&'p str]) -> Place<'p> {
    Place {
        table: "reveal",
        column: "reason",
        row: id,
        merchant: merchant_id,
        look_ups,
    }
}

/// Who saw what: a reason can be moved to no other operator and no other card.
pub const fn is_about<'p>(operator_id: &'p str, card_id: &'p str) -> [&'p str; 2] {
    [operator_id, card_id]
}

/// One number that was shown.
#[derive(Clone)]
pub struct Reveal {
    /// `rvl_test_…` or `rvl_live_…`.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The operator it was shown to.
    pub operator_id: String,
    /// The card's merchant.
    pub merchant_id: String,
    /// The card.
    pub card_id: String,
    /// Why, encrypted.
    pub reason_enc: Vec<u8>,
}

const COLUMNS: &str = "id, at, operator_id, merchant_id, card_id, reason_enc";

/// Adds a reveal.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, reveal: &Reveal) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO reveal (id, at, operator_id, merchant_id, card_id, reason_enc)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        values![
            reveal.id,
            reveal.at,
            reveal.operator_id,
            reveal.merchant_id,
            reveal.card_id,
            reveal.reason_enc,
        ],
    )?;
    Ok(())
}

/// When an operator's reveals after `since` (exclusive) were, the latest first, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn of_operator(
    connection: &Connection,
    operator_id: &str,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Timestamp>, StoreError> {
    connection.rows(
        "SELECT at FROM reveal WHERE operator_id = ?1 AND at > ?2 ORDER BY at DESC LIMIT ?3",
        values![operator_id, since, limit],
        |row| row.get(0),
    )
}

/// When all operators' reveals after `since` (exclusive) were, the latest first, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn of_all(
    connection: &Connection,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Timestamp>, StoreError> {
    connection.rows(
        "SELECT at FROM reveal WHERE at > ?1 ORDER BY at DESC LIMIT ?2",
        values![since, limit],
        |row| row.get(0),
    )
}

/// Reveals behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(connection: &Connection, id: &str, limit: u32) -> Result<Vec<Reveal>, StoreError> {
    connection.rows(
        &format!("SELECT {COLUMNS} FROM reveal WHERE id > ?1 ORDER BY id LIMIT ?2"),
        values![id, limit],
        read,
    )
}

/// Writes the encrypted reason anew.
///
/// # Errors
/// When the store fails.
pub fn update_encrypted(tx: &Tx<'_>, id: &str, reason_enc: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE reveal SET reason_enc = ?2 WHERE id = ?1",
        values![id, reason_enc],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Reveal, StoreError> {
    Ok(Reveal {
        id: row.get(0)?,
        at: row.get(1)?,
        operator_id: row.get(2)?,
        merchant_id: row.get(3)?,
        card_id: row.get(4)?,
        reason_enc: row.get(5)?,
    })
}
