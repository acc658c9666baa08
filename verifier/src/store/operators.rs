//! Table `operator`: who runs the verifier.

use super::{Connection, Row, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// A caller that belongs to no merchant.
#[derive(Clone)]
pub struct OperatorRow {
    /// `opr_…`
    pub id: String,
    /// Shown to other operators.
    pub name: String,
    /// SHA-256 of its secret.
    pub secret_digest: [u8; 32],
    /// What it may do, space separated.
    pub scopes: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was put out of use.
    pub revoked_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, name, secret_digest, scopes, created_at, revoked_at";

/// Adds an operator.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, operator: &OperatorRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO operator (id, name, secret_digest, scopes, created_at, revoked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        values![
            operator.id,
            operator.name,
            operator.secret_digest,
            operator.scopes,
            operator.created_at,
            operator.revoked_at,
        ],
    )?;
    Ok(())
}

/// The operator of that id, revoked or not.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<OperatorRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM operator WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// Every operator, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<OperatorRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM operator ORDER BY created_at, id");
    connection.rows(&sql, values![], read)
}

/// Puts an operator out of use; gives whether there was one to put out of use.
///
/// # Errors
/// When the store fails.
pub fn revoke(tx: &Tx<'_>, id: &str, at: Timestamp) -> Result<bool, StoreError> {
    let revoked = tx.execute(
        "UPDATE operator SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        values![id, at],
    )?;
    Ok(revoked > 0)
}

fn read(row: &Row<'_>) -> Result<OperatorRow, StoreError> {
    Ok(OperatorRow {
        id: row.get(0)?,
        name: row.get(1)?,
        secret_digest: row.get(2)?,
        scopes: row.get(3)?,
        created_at: row.get(4)?,
        revoked_at: row.get(5)?,
    })
}
