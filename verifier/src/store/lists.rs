//! Tables `risk_list` and `risk_list_entry`: named lists that rules ask.

use super::{Connection, Row, StoreError, Tx, crypter::Place};
use crate::{clock::Timestamp, values};

/// A list.
#[derive(Clone, Debug)]
pub struct ListRow {
    /// Its name, without the sign.
    pub name: String,
    /// Name of the kind of its entries.
    pub kind: String,
    /// When it was made; the epoch for those that are always there.
    pub created_at: Timestamp,
    /// Its entries, those that have expired too.
    pub entries: u64,
}

/// An entry as it lies in its row.
#[derive(Clone)]
pub struct EntryRow {
    /// `lse_…`
    pub id: String,
    /// The list that it is in.
    pub list: String,
    /// Whose sessions it is for; everybody's where there is none.
    pub merchant_id: Option<String>,
    /// Keyed digest of the value.
    pub value_digest: [u8; 32],
    /// The value, encrypted.
    pub value_enc: Vec<u8>,
    /// Why, in one word.
    pub reason: String,
    /// From when on it says nothing any more.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// The operator; nobody for the command line.
    pub created_by: Option<String>,
}

/// Where the encrypted value lies. `look_ups` is the list alone: it can be moved to no other.
pub fn place<'p>(id: &'p str, merchant_id: Option<&'p str>, look_ups: &'p [&'p str]) -> Place<'p> {
    Place {
        table: "risk_list_entry",
        column: "value",
        row: id,
        merchant: merchant_id.unwrap_or(""),
        look_ups,
    }
}

const COLUMNS: &str =
    "id, list, merchant_id, value_digest, value_enc, reason, expires_at, created_at, created_by";

const LISTS: &str = "SELECT name, kind, created_at,
         (SELECT count(*) FROM risk_list_entry WHERE list = name) FROM risk_list";

/// Every list, by name.
///
/// # Errors
/// When the store fails.
pub fn all(connection: &Connection) -> Result<Vec<ListRow>, StoreError> {
    connection.rows(&format!("{LISTS} ORDER BY name"), values![], read_list)
}

/// The list of that name.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, name: &str) -> Result<Option<ListRow>, StoreError> {
    connection.row(
        &format!("{LISTS} WHERE name = ?1"),
        values![name],
        read_list,
    )
}

/// Adds a list.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, name: &str, kind: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO risk_list (name, kind, created_at) VALUES (?1, ?2, ?3)",
        values![name, kind, at],
    )?;
    changed(tx)
}

/// Deletes a list and its entries.
///
/// # Errors
/// When the store fails.
pub fn delete_list(tx: &Tx<'_>, name: &str) -> Result<(), StoreError> {
    let entries = "DELETE FROM risk_list_entry WHERE list = ?1";
    tx.execute_any(entries, values![name])?;
    tx.execute("DELETE FROM risk_list WHERE name = ?1", values![name])?;
    changed(tx)
}

/// Adds an entry; where the list has the value already for the same merchant, that entry's reason and end become
/// these. Gives the id that the entry has.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &Tx<'_>, entry: &EntryRow) -> Result<String, StoreError> {
    let merchant_id = entry.merchant_id.as_deref().unwrap_or("");
    let id = tx.the_row(
        "INSERT INTO risk_list_entry (id, list, merchant_id, value_digest, value_enc, reason, expires_at, created_at,
             created_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (list, merchant_id, value_digest) DO UPDATE SET reason = excluded.reason,
             expires_at = excluded.expires_at
         RETURNING id",
        values![
            entry.id,
            entry.list,
            merchant_id,
            entry.value_digest,
            entry.value_enc,
            entry.reason,
            entry.expires_at,
            entry.created_at,
            entry.created_by,
        ],
        |row| row.get(0),
    )?;
    changed(tx)?;
    Ok(id)
}

/// Takes an entry off its list; gives whether it was there.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, list: &str, id: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM risk_list_entry WHERE id = ?1 AND list = ?2";
    let was_there = tx.execute(sql, values![id, list])? > 0;
    changed(tx)?;
    Ok(was_there)
}

/// The entry of that id.
///
/// # Errors
/// When the store fails.
pub fn find_entry(connection: &Connection, id: &str) -> Result<Option<EntryRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM risk_list_entry WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// Entries of one list, or of all, behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(
    connection: &Connection,
    list: Option<&str>,
    id: &str,
    limit: u32,
) -> Result<Vec<EntryRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM risk_list_entry WHERE id > ?1 AND (?2 = '' OR list = ?2) ORDER BY id LIMIT ?3"
    );
    connection.rows(&sql, values![id, list.unwrap_or(""), limit], read)
}

/// Writes the encrypted value anew.
///
/// # Errors
/// When the store fails.
pub fn update_encrypted(tx: &Tx<'_>, id: &str, value_enc: &[u8]) -> Result<(), StoreError> {
    let sql = "UPDATE risk_list_entry SET value_enc = ?2 WHERE id = ?1";
    tx.execute(sql, values![id, value_enc])?;
    Ok(())
}

/// Deletes entries that expired before an instant, `most` at most; gives how many those were.
///
/// # Errors
/// When the store fails.
pub fn delete_expired(tx: &Tx<'_>, before: Timestamp, most: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM risk_list_entry WHERE id IN (
             SELECT id FROM risk_list_entry WHERE expires_at < ?1 LIMIT ?2)",
        values![before, most],
    )
}

/// A number that is another one after every change of a list.
///
/// # Errors
/// When the store fails.
pub fn revision(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT revision FROM risk_revision WHERE name = 'lists'";
    connection.the_row(sql, values![], |row| row.get(0))
}

fn changed(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE risk_revision SET revision = revision + 1 WHERE name = 'lists'",
        values![],
    )?;
    Ok(())
}

fn read_list(row: &Row<'_>) -> Result<ListRow, StoreError> {
    Ok(ListRow {
        name: row.get(0)?,
        kind: row.get(1)?,
        created_at: row.get(2)?,
        entries: row.get(3)?,
    })
}

fn read(row: &Row<'_>) -> Result<EntryRow, StoreError> {
    let merchant_id: String = row.get(2)?;
    Ok(EntryRow {
        id: row.get(0)?,
        list: row.get(1)?,
        merchant_id: Some(merchant_id).filter(|id| !id.is_empty()),
        value_digest: row.get(3)?,
        value_enc: row.get(4)?,
        reason: row.get(5)?,
        expires_at: row.get(6)?,
        created_at: row.get(7)?,
        created_by: row.get(8)?,
    })
}
