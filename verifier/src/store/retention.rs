//! Deletes what nothing asks for any more, in batches. `secure_delete` wipes it from the file.

use super::{StoreError, Tx};
use crate::{clock::Timestamp, values};

/// Rows that one batch deletes of each table: few enough that submissions hardly wait for it.
pub const BATCH: u32 = 500;

/// Deletes a batch of what is older than the two instants: what belongs to sessions made before
/// `sessions_before` (seen envelopes, velocity events) and idempotency keys used before `keys_before`. Gives
/// how many rows that were.
///
/// `first_id` makes the smallest session id of an instant: ids are ordered by time, so that each batch
/// lies at the beginning of its table and no index has to be kept for it.
///
/// # Errors
/// When the store fails.
pub fn sweep(
    tx: &Tx<'_>,
    prefixes: &[String],
    first_id: impl Fn(&str) -> String,
    keys_before: Timestamp,
) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for prefix in prefixes {
        let before = first_id(prefix);
        for sql in [
            "DELETE FROM session_jti WHERE (session_id, jti) IN (SELECT session_id, jti FROM session_jti
                 WHERE session_id >= ?1 AND session_id < ?2 LIMIT ?3)",
            "DELETE FROM velocity_event WHERE session_id IN (SELECT session_id FROM velocity_event
                 WHERE session_id >= ?1 AND session_id < ?2 LIMIT ?3)",
        ] {
            deleted += tx.execute(sql, values![prefix, before, BATCH])?;
        }
    }
    deleted += tx.execute(
        "DELETE FROM idempotency WHERE (merchant_id, key_digest) IN (
                 SELECT merchant_id, key_digest FROM idempotency WHERE created_at < ?1 LIMIT ?2)",
        values![keys_before, BATCH],
    )?;
    Ok(deleted)
}
