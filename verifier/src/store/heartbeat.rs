//! Table `heartbeat`: shows that the store can write.

use super::{StoreError, Tx};
use crate::{clock::Timestamp, values};

/// Writes the time, unless that was done less than a second ago.
///
/// # Errors
/// When the store fails.
pub fn beat(tx: &Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute_any("INSERT INTO heartbeat (id, at) VALUES (1, ?1)
         ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE abs(excluded.at - heartbeat.at) >= 1000", values![now])?;
    Ok(())
}
