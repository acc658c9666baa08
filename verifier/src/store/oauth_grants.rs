//! Tables `oauth_grant`, `oauth_code`, `refresh_token` and `revoked_token`: what people granted to
//! programs, and what came of it.

use super::{Connection, Row, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// What a person granted to a program.
#[derive(Clone)]
pub struct Grant {
    /// `grt_…`
    pub id: String,
    /// The program.
    pub client_id: String,
    /// The person.
    pub user_id: String,
    /// Space separated.
    pub scopes: String,
    /// Thumbprint of the key that its tokens are bound to, once that is known.
    pub dpop_jkt: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// An authorization code (RFC 6749 section 4.1.2).
#[derive(Clone)]
pub struct Code {
    /// `cod_…`
    pub id: String,
    /// SHA-256 of the code.
    pub secret_digest: [u8; 32],
    /// What was granted.
    pub grant_id: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// SHA-256 of the verifier that has to come with it (RFC 7636, S256).
    pub challenge: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// A refresh token (RFC 6749 section 1.5).
#[derive(Clone)]
pub struct RefreshToken {
    /// `rft_…`
    pub id: String,
    /// SHA-256 of the token.
    pub secret_digest: [u8; 32],
    /// What was granted.
    pub grant_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// Adds a grant and the code that is sent for it.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, grant: &Grant, code: &Code) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO oauth_grant (id, client_id, user_id, scopes, dpop_jkt, created_at, revoked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        values![
            grant.id,
            grant.client_id,
            grant.user_id,
            grant.scopes,
            grant.dpop_jkt,
            grant.created_at,
            grant.revoked_at,
        ],
    )?;
    tx.execute(
        "INSERT INTO oauth_code (id, secret_digest, grant_id, redirect_uri, challenge, created_at,
             used_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        values![
            code.id,
            code.secret_digest,
            code.grant_id,
            code.redirect_uri,
            code.challenge,
            code.created_at,
            code.used_at,
        ],
    )?;
    Ok(())
}

/// The grant of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Grant>, StoreError> {
    connection.row(
        "SELECT id, client_id, user_id, scopes, dpop_jkt, created_at, revoked_at
         FROM oauth_grant WHERE id = ?1",
        values![id],
        read,
    )
}

/// Binds a grant's tokens to a key.
///
/// # Errors
/// When the store fails.
pub fn bind(tx: &Tx<'_>, id: &str, dpop_jkt: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE oauth_grant SET dpop_jkt = ?2 WHERE id = ?1",
        values![id, dpop_jkt],
    )?;
    Ok(())
}

/// Takes a grant back, with every token that came of it; gives whether it was not taken back before.
///
/// # Errors
/// When the store fails.
pub fn revoke(tx: &Tx<'_>, id: &str, at: Timestamp) -> Result<bool, StoreError> {
    let revoked = tx.execute(
        "UPDATE oauth_grant SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        values![id, at],
    )?;
    Ok(revoked > 0)
}

/// Takes back whatever a person granted.
///
/// # Errors
/// When the store fails.
pub fn revoke_of_user(tx: &Tx<'_>, user_id: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute_any(
        "UPDATE oauth_grant SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL",
        values![user_id, at],
    )
}

/// The code of that id, used or not.
///
/// # Errors
/// When the store fails.
pub fn find_code(connection: &Connection, id: &str) -> Result<Option<Code>, StoreError> {
    connection.row(
        "SELECT id, secret_digest, grant_id, redirect_uri, challenge, created_at, used_at
         FROM oauth_code WHERE id = ?1",
        values![id],
        |row| {
            Ok(Code {
                id: row.get(0)?,
                secret_digest: row.get(1)?,
                grant_id: row.get(2)?,
                redirect_uri: row.get(3)?,
                challenge: row.get(4)?,
                created_at: row.get(5)?,
                used_at: row.get(6)?,
            })
        },
    )
}

/// Notes that a code was used.
///
/// # Errors
/// When the store fails.
pub fn use_code(tx: &Tx<'_>, id: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE oauth_code SET used_at = ?2 WHERE id = ?1",
        values![id, at],
    )?;
    Ok(())
}

/// Adds a refresh token.
///
/// # Errors
/// When the store fails.
pub fn insert_refresh(tx: &Tx<'_>, token: &RefreshToken) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO refresh_token (id, secret_digest, grant_id, created_at, used_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        values![
            token.id,
            token.secret_digest,
            token.grant_id,
            token.created_at,
            token.used_at
        ],
    )?;
    Ok(())
}

/// The refresh token of that id, used or not.
///
/// # Errors
/// When the store fails.
pub fn find_refresh(connection: &Connection, id: &str) -> Result<Option<RefreshToken>, StoreError> {
    connection.row(
        "SELECT id, secret_digest, grant_id, created_at, used_at FROM refresh_token WHERE id = ?1",
        values![id],
        |row| {
            Ok(RefreshToken {
                id: row.get(0)?,
                secret_digest: row.get(1)?,
                grant_id: row.get(2)?,
                created_at: row.get(3)?,
                used_at: row.get(4)?,
            })
        },
    )
}

/// Notes that a refresh token was used.
///
/// # Errors
/// When the store fails.
pub fn use_refresh(tx: &Tx<'_>, id: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE refresh_token SET used_at = ?2 WHERE id = ?1",
        values![id, at],
    )?;
    Ok(())
}

/// Revokes an access token by its id.
///
/// # Errors
/// When the store fails.
pub fn revoke_token(tx: &Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "INSERT INTO revoked_token (id) VALUES (?1) ON CONFLICT DO NOTHING",
        values![id],
    )
}

/// Whether an access token was revoked by its id.
///
/// # Errors
/// When the store fails.
pub fn is_token_revoked(connection: &Connection, id: &str) -> Result<bool, StoreError> {
    connection.exists("SELECT 1 FROM revoked_token WHERE id = ?1", values![id])
}

fn read(row: &Row<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.get(0)?,
        client_id: row.get(1)?,
        user_id: row.get(2)?,
        scopes: row.get(3)?,
        dpop_jkt: row.get(4)?,
        created_at: row.get(5)?,
        revoked_at: row.get(6)?,
    })
}
