//! Table `client`: a merchant's servers.

use super::{Connection, StoreError, Tx};
use crate::{clock::Timestamp, mode::Mode, values};

/// A merchant's server that may call the private listener.
#[derive(Clone)]
pub struct Client {
    /// `cli_test_…` or `cli_live_…`.
    pub id: String,
    /// The merchant it acts for.
    pub merchant_id: String,
    /// The merchant's mode.
    pub mode: Mode,
    /// SHA-256 of its secret.
    pub secret_digest: [u8; 32],
    /// What it may do, space separated.
    pub scopes: String,
}

/// Adds a client.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, client: &Client, created_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO client (id, merchant_id, secret_digest, scopes, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        values![
            client.id,
            client.merchant_id,
            client.secret_digest,
            client.scopes,
            created_at
        ],
    )?;
    Ok(())
}

/// The client of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Client>, StoreError> {
    connection.row(
        "SELECT client.id, merchant_id, mode, secret_digest, scopes
         FROM client JOIN merchant ON merchant.id = merchant_id WHERE client.id = ?1",
        values![id],
        |row| {
            Ok(Client {
                id: row.get(0)?,
                merchant_id: row.get(1)?,
                mode: row.get(2)?,
                secret_digest: row.get(3)?,
                scopes: row.get(4)?,
            })
        },
    )
}
