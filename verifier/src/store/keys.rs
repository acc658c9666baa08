//! Table `key`: wrapped keys and their states.

use rusqlite::{Connection, params};

use super::{StoreError, Tx};
use crate::{clock::Timestamp, mode::Mode};

/// A stored key.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// 8 random bytes, hexadecimal.
    pub id: String,
    /// What it is for.
    pub purpose: String,
    /// Test or live.
    pub mode: Mode,
    /// Counts up within a purpose and mode.
    pub version: u32,
    /// pending, active, retired, revoked or destroyed.
    pub state: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it became active.
    pub activated_at: Option<Timestamp>,
    /// When it was retired.
    pub retired_at: Option<Timestamp>,
    /// The key, wrapped by the key-encryption key.
    pub wrapped: Vec<u8>,
}

/// Every key, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<KeyRow>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, purpose, mode, version, state, created_at, activated_at, retired_at, wrapped
         FROM key ORDER BY created_at, id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(KeyRow {
            id: row.get(0)?,
            purpose: row.get(1)?,
            mode: row.get(2)?,
            version: row.get(3)?,
            state: row.get(4)?,
            created_at: row.get(5)?,
            activated_at: row.get(6)?,
            retired_at: row.get(7)?,
            wrapped: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds a key.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, key: &KeyRow) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO key (id, purpose, mode, version, state, created_at, activated_at, retired_at, wrapped)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        key.id,
        key.purpose,
        key.mode,
        key.version,
        key.state,
        key.created_at,
        key.activated_at,
        key.retired_at,
        key.wrapped,
    ])?;
    Ok(())
}
