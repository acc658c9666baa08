//! Tables `key` and `keyring`: wrapped keys and their states.

use super::{Connection, Row, StoreError, Tx, key_state::KeyState};
use crate::{clock::Timestamp, mode::Mode, values};

/// A stored key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyRow {
    /// 8 random bytes, hexadecimal.
    pub id: String,
    /// What it is for.
    pub purpose: String,
    /// Test or live.
    pub mode: Mode,
    /// Counts up within a purpose and mode.
    pub version: u32,
    /// Where it stands.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it became active.
    pub activated_at: Option<Timestamp>,
    /// When it was retired.
    pub retired_at: Option<Timestamp>,
    /// When it was wiped.
    pub destroyed_at: Option<Timestamp>,
    /// The key, wrapped by the key-encryption key; empty once it is destroyed.
    pub wrapped: Vec<u8>,
}

const COLUMNS: &str = "id, purpose, mode, version, state, created_at, activated_at, retired_at, \
     destroyed_at, wrapped";

/// Every key, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<KeyRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM key ORDER BY created_at, id");
    connection.rows(&sql, values![], read)
}

/// The key of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<KeyRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM key WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// Adds a key.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, key: &KeyRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO key (id, purpose, mode, version, state, created_at, activated_at, retired_at,
             destroyed_at, wrapped)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        values![
            key.id,
            key.purpose,
            key.mode,
            key.version,
            key.state,
            key.created_at,
            key.activated_at,
            key.retired_at,
            key.destroyed_at,
            key.wrapped,
        ],
    )?;
    changed(tx)
}

/// Writes state, dates and wrapped bytes of a key that is there.
///
/// # Errors
/// When the store fails.
pub fn update(tx: &Tx<'_>, key: &KeyRow) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE key SET state = ?2, activated_at = ?3, retired_at = ?4, destroyed_at = ?5,
             wrapped = ?6
         WHERE id = ?1",
        values![
            key.id,
            key.state,
            key.activated_at,
            key.retired_at,
            key.destroyed_at,
            key.wrapped,
        ],
    )?;
    changed(tx)
}

/// Counts `more` values encrypted under a key; gives how many there are now. Nobody has to read the keys
/// again for that.
///
/// # Errors
/// When the store fails.
pub fn add_encryptions(tx: &Tx<'_>, id: &str, more: u64) -> Result<u64, StoreError> {
    tx.the_row(
        "UPDATE key SET encryptions = encryptions + ?2 WHERE id = ?1 RETURNING encryptions",
        values![id, more],
        |row| row.get(0),
    )
}

/// Whether keys may be wrapped by the key-encryption key of that id: every key has to be wrapped by one
/// and the same. Notes it where none is noted yet.
///
/// # Errors
/// When the store fails.
pub fn is_wrapped_by(tx: &Tx<'_>, kek_id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT kek_id FROM keyring WHERE id = 1";
    let noted: Option<String> = tx.the_row(sql, values![], |row| row.get(0))?;
    match noted {
        Some(noted) => Ok(noted == kek_id),
        None => note_kek(tx, kek_id).map(|()| true),
    }
}

/// Notes what every key is wrapped by from now on.
///
/// # Errors
/// When the store fails.
pub fn note_kek(tx: &Tx<'_>, kek_id: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE keyring SET kek_id = ?1 WHERE id = 1",
        values![kek_id],
    )?;
    Ok(())
}

/// Whether a mode has a key of a purpose that is newer than `version`.
///
/// # Errors
/// When the store fails.
pub fn has_newer(
    connection: &Connection,
    purpose: &str,
    mode: Mode,
    version: u32,
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM key WHERE purpose = ?1 AND mode = ?2 AND version > ?3",
        values![purpose, mode, version],
    )
}

/// A number that is another one after every change of a key.
///
/// # Errors
/// When the store fails.
pub fn revision(connection: &Connection) -> Result<u64, StoreError> {
    connection.the_row(
        "SELECT revision FROM keyring WHERE id = 1",
        values![],
        |row| row.get(0),
    )
}

fn changed(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE keyring SET revision = revision + 1 WHERE id = 1",
        values![],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<KeyRow, StoreError> {
    Ok(KeyRow {
        id: row.get(0)?,
        purpose: row.get(1)?,
        mode: row.get(2)?,
        version: row.get(3)?,
        state: row.get(4)?,
        created_at: row.get(5)?,
        activated_at: row.get(6)?,
        retired_at: row.get(7)?,
        destroyed_at: row.get(8)?,
        wrapped: row.get(9)?,
    })
}
