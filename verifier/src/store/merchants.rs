//! Tables `merchant` and `merchant_origin`.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, Tx};
use crate::{clock::Timestamp, mode::Mode};

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
    tx.prepare_cached("INSERT INTO merchant (id, mode, name, created_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            merchant.id,
            merchant.mode,
            merchant.name,
            merchant.created_at
        ])?;
    let mut add =
        tx.prepare_cached("INSERT INTO merchant_origin (merchant_id, origin) VALUES (?1, ?2)")?;
    for origin in origins {
        add.execute(params![merchant.id, origin])?;
    }
    Ok(())
}

/// The merchant of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Merchant>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id, mode, name, created_at FROM merchant WHERE id = ?1")?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Every merchant, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<Merchant>, StoreError> {
    let mut statement = connection
        .prepare("SELECT id, mode, name, created_at FROM merchant ORDER BY created_at, id")?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The origins registered for a merchant.
///
/// # Errors
/// When the store fails.
pub fn origins(connection: &Connection, merchant_id: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT origin FROM merchant_origin WHERE merchant_id = ?1 ORDER BY origin",
    )?;
    let rows = statement.query_map([merchant_id], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
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
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM merchant_origin WHERE merchant_id = ?1 AND origin = ?2")?;
    Ok(statement.exists([merchant_id, origin])?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Merchant> {
    Ok(Merchant {
        id: row.get(0)?,
        mode: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
    })
}
