//! Table `client_auth`: how a merchant's server proves itself, where that is not its secret.

use super::{Connection, StoreError, Tx, clients};
use crate::values;

/// What a server proves itself with; its secret is then of no use.
#[derive(Clone, Debug)]
pub struct ClientAuth {
    /// The server's client id.
    pub client_id: String,
    /// `private_key_jwt` or `self_signed_tls_client_auth`.
    pub method: String,
    /// Its public keys, a JWK Set.
    pub jwks: Option<String>,
    /// SHA-256 of its certificates, base64url, space separated.
    pub certificates: Option<String>,
}

/// Puts what a server proves itself with in the place of what it did by now; its tokens of before are no longer
/// good.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &Tx<'_>, auth: &ClientAuth) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO client_auth (client_id, method, jwks, certificates) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (client_id) DO UPDATE SET method = excluded.method, jwks = excluded.jwks,
             certificates = excluded.certificates",
        values![auth.client_id, auth.method, auth.jwks, auth.certificates],
    )?;
    clients::credentials_changed(tx, &auth.client_id)
}

/// What a server proves itself with, if not with its secret.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, client_id: &str) -> Result<Option<ClientAuth>, StoreError> {
    connection.row(
        "SELECT client_id, method, jwks, certificates FROM client_auth WHERE client_id = ?1",
        values![client_id],
        |row| {
            Ok(ClientAuth {
                client_id: row.get(0)?,
                method: row.get(1)?,
                jwks: row.get(2)?,
                certificates: row.get(3)?,
            })
        },
    )
}

/// Lets a server prove itself with its secret again; its tokens of before are no longer good.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, client_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM client_auth WHERE client_id = ?1",
        values![client_id],
    )?;
    clients::credentials_changed(tx, client_id)
}
