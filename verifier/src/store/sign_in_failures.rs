//! Table `sign_in_failure`, and what `user_account` holds of it: attempts to sign in that failed.

use super::{Connection, Row, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// Whose attempts are counted together: an address, IPv6 by its network of 64 bits.
pub type Address = [u8; 16];

/// Attempts that failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures {
    /// How many, when the last one did.
    pub count: u32,
    /// When the last one did.
    pub failed_at: Option<Timestamp>,
    /// Until when no attempt is looked at.
    pub locked_until: Option<Timestamp>,
}

/// Of a person's, those from an address.
///
/// # Errors
/// When the store fails.
pub fn of_address(
    connection: &Connection,
    user_id: &str,
    address: &Address,
) -> Result<Failures, StoreError> {
    let found = connection.row(
        "SELECT failures, failed_at, locked_until FROM sign_in_failure
         WHERE user_id = ?1 AND address = ?2",
        values![user_id, address],
        read,
    );
    found.map(Option::unwrap_or_default)
}

/// A person's, from wherever.
///
/// # Errors
/// When the store fails.
pub fn in_all(connection: &Connection, user_id: &str) -> Result<Failures, StoreError> {
    let found = connection.row(
        "SELECT failures, failed_at, locked_until FROM user_account WHERE id = ?1",
        values![user_id],
        read,
    );
    found.map(Option::unwrap_or_default)
}

/// Writes those from an address.
///
/// # Errors
/// When the store fails.
pub fn put(
    tx: &Tx<'_>,
    user_id: &str,
    address: &Address,
    failures: &Failures,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sign_in_failure (user_id, address, failures, failed_at, locked_until)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (user_id, address) DO UPDATE SET failures = excluded.failures,
             failed_at = excluded.failed_at, locked_until = excluded.locked_until",
        values![
            user_id,
            address,
            failures.count,
            failures.failed_at,
            failures.locked_until,
        ],
    )?;
    Ok(())
}

/// Writes those from wherever.
///
/// # Errors
/// When the store fails.
pub fn put_in_all(tx: &Tx<'_>, user_id: &str, failures: &Failures) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE user_account SET failures = ?2, failed_at = ?3, locked_until = ?4 WHERE id = ?1",
        values![
            user_id,
            failures.count,
            failures.failed_at,
            failures.locked_until
        ],
    )?;
    Ok(())
}

/// The person has signed in from that address: what failed there, and in all, counts no more. What failed
/// elsewhere does.
///
/// # Errors
/// When the store fails.
pub fn end(tx: &Tx<'_>, user_id: &str, address: &Address) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM sign_in_failure WHERE user_id = ?1 AND address = ?2",
        values![user_id, address],
    )?;
    put_in_all(tx, user_id, &Failures::default())
}

/// Nothing of a person's counts any more.
///
/// # Errors
/// When the store fails.
pub fn forget(tx: &Tx<'_>, user_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM sign_in_failure WHERE user_id = ?1",
        values![user_id],
    )?;
    put_in_all(tx, user_id, &Failures::default())
}

/// Deletes those before an instant, `limit` at most; gives how many.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM sign_in_failure WHERE (user_id, address) IN (
             SELECT user_id, address FROM sign_in_failure WHERE failed_at < ?1 LIMIT ?2)",
        values![before, limit],
    )
}

fn read(row: &Row<'_>) -> Result<Failures, StoreError> {
    Ok(Failures {
        count: row.get(0)?,
        failed_at: row.get(1)?,
        locked_until: row.get(2)?,
    })
}
