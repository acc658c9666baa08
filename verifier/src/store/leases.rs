//! Table `lease`: what one of several verifiers does for all of them.

use super::{StoreError, Tx};
use crate::{clock::Timestamp, values};

/// Takes a lease, or renews one's own; gives whether it is held now. Another's that has ended is taken.
///
/// # Errors
/// When the store fails.
pub fn take(
    tx: &Tx<'_>,
    name: &str,
    holder: &[u8; 16],
    now: Timestamp,
    ends_at: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO lease (name, holder, ends_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
         WHERE lease.holder = excluded.holder OR lease.ends_at <= ?4",
        values![name, holder, ends_at, now],
    )?;
    Ok(changed == 1)
}

/// Whether another holds it.
///
/// # Errors
/// When the store fails.
pub fn is_anothers(
    connection: &super::Connection,
    name: &str,
    holder: &[u8; 16],
    now: Timestamp,
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM lease WHERE name = ?1 AND holder <> ?2 AND ends_at > ?3",
        values![name, holder, now],
    )
}

/// Gives back all that a holder has.
///
/// # Errors
/// When the store fails.
pub fn release(tx: &Tx<'_>, holder: &[u8; 16]) -> Result<(), StoreError> {
    tx.execute_any("DELETE FROM lease WHERE holder = ?1", values![holder])
}
