//! Table `operator_request`: what operators asked for under an idempotency key, not to be done twice.

use super::{StoreError, Tx};
use crate::{clock::Timestamp, values};

/// A request under an idempotency key.
#[derive(Clone, Debug)]
pub struct OperatorRequest {
    /// Who asked.
    pub operator_id: String,
    /// Keyed digest of the idempotency key.
    pub key_digest: [u8; 32],
    /// Keyed digest of what the request means.
    pub meaning_digest: [u8; 32],
}

/// Whether a request was answered before.
#[derive(Debug, Eq, PartialEq)]
pub enum Before {
    /// It was: this is the id of what was made.
    Answered(String),
    /// Its key belongs to another request.
    Conflict,
    /// It was not.
    Never,
}

/// Whether `request` was answered before.
///
/// # Errors
/// When the store fails.
pub fn before(tx: &Tx<'_>, request: &OperatorRequest) -> Result<Before, StoreError> {
    let found = tx.row(
        "SELECT meaning_digest, answer FROM operator_request WHERE operator_id = ?1 AND key_digest = ?2",
        values![request.operator_id, request.key_digest],
        |row| Ok((row.get::<[u8; 32]>(0)?, row.get(1)?)),
    )?;
    Ok(match found {
        None => Before::Never,
        Some((meaning, answer)) if meaning == request.meaning_digest => Before::Answered(answer),
        Some(_) => Before::Conflict,
    })
}

/// Remembers the id of what `request` made.
///
/// # Errors
/// When the store fails.
pub fn note(
    tx: &Tx<'_>,
    request: &OperatorRequest,
    answer: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO operator_request (operator_id, key_digest, meaning_digest, answer, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        values![
            request.operator_id,
            request.key_digest,
            request.meaning_digest,
            answer,
            at
        ],
    )?;
    Ok(())
}

/// Forgets requests from before an instant, `most` at most; gives how many those were.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, before: Timestamp, most: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM operator_request WHERE (operator_id, key_digest) IN (
             SELECT operator_id, key_digest FROM operator_request WHERE created_at < ?1 LIMIT ?2)",
        values![before, most],
    )
}
