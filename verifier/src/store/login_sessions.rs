//! Table `login_session`: browsers in which a person has signed in.

use super::{Connection, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// A browser in which a person has signed in.
#[derive(Clone)]
pub struct LoginSession {
    /// `lgn_…`
    pub id: String,
    /// SHA-256 of the cookie.
    pub secret_digest: [u8; 32],
    /// Who.
    pub user_id: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were last seen.
    pub seen_at: Timestamp,
}

/// Adds a session.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, session: &LoginSession) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO login_session (id, secret_digest, user_id, created_at, seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        values![
            session.id,
            session.secret_digest,
            session.user_id,
            session.created_at,
            session.seen_at,
        ],
    )?;
    Ok(())
}

/// The session of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<LoginSession>, StoreError> {
    connection.row(
        "SELECT id, secret_digest, user_id, created_at, seen_at FROM login_session WHERE id = ?1",
        values![id],
        |row| {
            Ok(LoginSession {
                id: row.get(0)?,
                secret_digest: row.get(1)?,
                user_id: row.get(2)?,
                created_at: row.get(3)?,
                seen_at: row.get(4)?,
            })
        },
    )
}

/// Notes that the person was seen.
///
/// # Errors
/// When the store fails.
pub fn seen(tx: &Tx<'_>, id: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute_any(
        "UPDATE login_session SET seen_at = ?2 WHERE id = ?1",
        values![id, at],
    )
}

/// Ends a session.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute_any("DELETE FROM login_session WHERE id = ?1", values![id])
}

/// Ends every session of a person.
///
/// # Errors
/// When the store fails.
pub fn delete_of_user(tx: &Tx<'_>, user_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM login_session WHERE user_id = ?1",
        values![user_id],
    )
}
