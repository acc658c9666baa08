//! Tables `merchant` and `merchant_origin`.

use super::{Connection, Row, StoreError, Tx};
use crate::{clock::Timestamp, mode::Mode, values};

/// A merchant, in one mode.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// `mch_test_…` or `mch_live_…`.
    pub id: String,
    /// Test or live.
    pub mode: Mode,
    /// Shown to the customer.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Adds a merchant with its registered origins.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, merchant: &Merchant, origins: &[String]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO merchant (id, mode, name, created_at) VALUES (?1, ?2, ?3, ?4)",
        values![
            merchant.id,
            merchant.mode,
            merchant.name,
            merchant.created_at
        ],
    )?;
    insert_origins(tx, &merchant.id, origins)
}

/// Keeps another name.
///
/// # Errors
/// When the store fails.
pub fn rename(tx: &Tx<'_>, id: &str, name: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE merchant SET name = ?2 WHERE id = ?1",
        values![id, name],
    )?;
    Ok(())
}

/// Registers these origins in the place of the former ones.
///
/// # Errors
/// When the store fails.
pub fn replace_origins(tx: &Tx<'_>, id: &str, origins: &[String]) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM merchant_origin WHERE merchant_id = ?1",
        values![id],
    )?;
    insert_origins(tx, id, origins)
}

/// The merchant of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Merchant>, StoreError> {
    connection.row(
        "SELECT id, mode, name, created_at FROM merchant WHERE id = ?1",
        values![id],
        read,
    )
}

/// Every merchant, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<Merchant>, StoreError> {
    connection.rows(
        "SELECT id, mode, name, created_at FROM merchant ORDER BY created_at, id",
        values![],
        read,
    )
}

/// Merchants behind the id `after`, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn page(connection: &Connection, after: &str, limit: u32) -> Result<Vec<Merchant>, StoreError> {
    connection.rows(
        "SELECT id, mode, name, created_at FROM merchant WHERE id > ?1 ORDER BY id LIMIT ?2",
        values![after, limit],
        read,
    )
}

/// The origins registered for a merchant.
///
/// # Errors
/// When the store fails.
pub fn origins(connection: &Connection, merchant_id: &str) -> Result<Vec<String>, StoreError> {
    connection.rows(
        "SELECT origin FROM merchant_origin WHERE merchant_id = ?1 ORDER BY origin",
        values![merchant_id],
        |row| row.get(0),
    )
}

/// Whether `origin` is registered for a merchant.
///
/// # Errors
/// When the store fails.
pub fn has_origin(
    connection: &Connection,
    merchant_id: &str,
    origin: &str,
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM merchant_origin WHERE merchant_id = ?1 AND origin = ?2",
        values![merchant_id, origin],
    )
}

fn insert_origins(tx: &Tx<'_>, id: &str, origins: &[String]) -> Result<(), StoreError> {
    for origin in origins {
        tx.execute(
            "INSERT INTO merchant_origin (merchant_id, origin) VALUES (?1, ?2)",
            values![id, origin],
        )?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Merchant, StoreError> {
    Ok(Merchant {
        id: row.get(0)?,
        mode: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
    })
}
