//! Table `idempotency`: requests that must not be carried out twice.

use super::{StoreError, Tx};
use crate::{clock::Timestamp, values};

/// Remembers under which key a request was first answered.
pub struct IdempotencyRecord {
    /// The caller's merchant.
    pub merchant_id: String,
    /// Keyed digest of the idempotency key.
    pub key_digest: [u8; 32],
    /// Keyed digest of what the request means.
    pub meaning_digest: [u8; 32],
    /// What the first answer is made of again.
    pub answer: String,
}

/// Adds a record.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, record: &IdempotencyRecord, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO idempotency (merchant_id, key_digest, meaning_digest, answer, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        values![
            record.merchant_id,
            record.key_digest,
            record.meaning_digest,
            record.answer,
            at
        ],
    )?;
    Ok(())
}

/// The record of a key.
///
/// # Errors
/// When the store fails.
pub fn find(
    tx: &Tx<'_>,
    merchant_id: &str,
    key_digest: &[u8; 32],
) -> Result<Option<IdempotencyRecord>, StoreError> {
    tx.row(
        "SELECT merchant_id, key_digest, meaning_digest, answer FROM idempotency
         WHERE merchant_id = ?1 AND key_digest = ?2",
        values![merchant_id, key_digest],
        |row| {
            Ok(IdempotencyRecord {
                merchant_id: row.get(0)?,
                key_digest: row.get(1)?,
                meaning_digest: row.get(2)?,
                answer: row.get(3)?,
            })
        },
    )
}
