//! Table `heartbeat`: shows that the store can write.

use rusqlite::params;

use super::{StoreError, Tx};
use crate::clock::Timestamp;

/// Writes the time, unless that was done less than a second ago.
///
/// # Errors
/// When the store fails.
pub fn beat(tx: &Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO heartbeat (id, at) VALUES (1, ?1)
         ON CONFLICT (id) DO UPDATE SET at = ?1 WHERE abs(?1 - heartbeat.at) >= 1000",
    )?
    .execute(params![now])?;
    Ok(())
}
