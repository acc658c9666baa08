//! Table `identity_binding`: who somebody is at an issuer of OpenID Connect.

use super::{Connection, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// Somebody's account at an issuer: an issuer and a subject are one person together (OpenID Connect Core
/// section 5.7).
#[derive(Clone)]
pub struct IdentityBinding {
    /// The issuer identifier.
    pub issuer: String,
    /// The subject identifier that the issuer gives.
    pub subject: String,
    /// `usr_…`
    pub user_id: String,
    /// When it was bound.
    pub created_at: Timestamp,
}

/// Adds a binding.
///
/// # Errors
/// When the store fails, such as for a subject that is bound already.
pub fn insert(tx: &Tx<'_>, binding: &IdentityBinding) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO identity_binding (issuer, subject, user_id, created_at)
         VALUES (?1, ?2, ?3, ?4)",
        values![
            binding.issuer,
            binding.subject,
            binding.user_id,
            binding.created_at
        ],
    )?;
    Ok(())
}

/// Whose an issuer's subject is.
///
/// # Errors
/// When the store fails.
pub fn user_of(
    connection: &Connection,
    issuer: &str,
    subject: &str,
) -> Result<Option<String>, StoreError> {
    connection.row(
        "SELECT user_id FROM identity_binding WHERE issuer = ?1 AND subject = ?2",
        values![issuer, subject],
        |row| row.get(0),
    )
}

/// Takes a person's binding away; `false` when there is none.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, user_id: &str, issuer: &str, subject: &str) -> Result<bool, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM identity_binding WHERE user_id = ?1 AND issuer = ?2 AND subject = ?3",
        values![user_id, issuer, subject],
    )?;
    Ok(deleted == 1)
}
