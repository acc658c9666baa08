//! Table `pending_login`: browsers that were sent to an issuer of OpenID Connect and did not come back yet.

use super::{Connection, StoreError, Tx, crypter::Place};
use crate::{clock::Timestamp, values};

/// Seconds that somebody has to sign in at their issuer.
pub const LIFETIME_S: i64 = 10 * 60;

/// A browser that was sent to an issuer.
#[derive(Clone)]
pub struct PendingLogin {
    /// `pnd_…`
    pub id: String,
    /// SHA-256 of the state.
    pub secret_digest: [u8; 32],
    /// SHA-256 of the browser's cookie.
    pub browser_digest: [u8; 32],
    /// Name of the identity provider.
    pub provider: String,
    /// What the ID token has to repeat.
    pub nonce: String,
    /// The PKCE verifier, encrypted.
    pub verifier_enc: Vec<u8>,
    /// The program's request, as the query of the page that goes on with it.
    pub query: String,
    /// When the browser was sent.
    pub created_at: Timestamp,
}

/// Where a PKCE verifier lies.
pub const fn verifier_place(id: &str) -> Place<'_> {
    Place {
        table: "pending_login",
        column: "verifier",
        row: id,
        merchant: "",
        look_ups: &[],
    }
}

/// Adds one.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, pending: &PendingLogin) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO pending_login (id, secret_digest, browser_digest, provider, nonce,
             verifier_enc, query, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        values![
            pending.id,
            pending.secret_digest,
            pending.browser_digest,
            pending.provider,
            pending.nonce,
            pending.verifier_enc,
            pending.query,
            pending.created_at,
        ],
    )?;
    Ok(())
}

/// The one of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<PendingLogin>, StoreError> {
    connection.row(
        "SELECT id, secret_digest, browser_digest, provider, nonce, verifier_enc, query, created_at
         FROM pending_login WHERE id = ?1",
        values![id],
        |row| {
            Ok(PendingLogin {
                id: row.get(0)?,
                secret_digest: row.get(1)?,
                browser_digest: row.get(2)?,
                provider: row.get(3)?,
                nonce: row.get(4)?,
                verifier_enc: row.get(5)?,
                query: row.get(6)?,
                created_at: row.get(7)?,
            })
        },
    )
}

/// Takes one away: it is used.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute_any("DELETE FROM pending_login WHERE id = ?1", values![id])
}
