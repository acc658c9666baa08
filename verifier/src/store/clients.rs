//! Table `client`: a merchant's servers.

use super::{Connection, Row, StoreError, Tx};
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
    /// Networks (CIDR) that it may call from, space separated; where there are none, from everywhere.
    pub networks: String,
    /// Whether it is known by certificates: its secret alone then does not do.
    pub has_certificates: bool,
}

const SELECT: &str = "SELECT client.id, merchant_id, mode, secret_digest, scopes, networks,
        (SELECT count(*) FROM client_certificate WHERE client_id = client.id)
    FROM client JOIN merchant ON merchant.id = merchant_id";

/// Adds a client, without certificates.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, client: &Client, created_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO client (id, merchant_id, secret_digest, scopes, networks, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        values![
            client.id,
            client.merchant_id,
            client.secret_digest,
            client.scopes,
            client.networks,
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
    let sql = format!("{SELECT} WHERE client.id = ?1");
    connection.row(&sql, values![id], read)
}

/// Every client, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<Client>, StoreError> {
    let sql = format!("{SELECT} ORDER BY client.created_at, client.id");
    connection.rows(&sql, values![], read)
}

/// Has a client call from these networks only, CIDR, space separated; from everywhere where there are
/// none. Gives whether there is such a client.
///
/// # Errors
/// When the store fails.
pub fn set_networks(tx: &Tx<'_>, id: &str, networks: &str) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE client SET networks = ?2 WHERE id = ?1",
        values![id, networks],
    )?;
    Ok(changed > 0)
}

fn read(row: &Row<'_>) -> Result<Client, StoreError> {
    Ok(Client {
        id: row.get(0)?,
        merchant_id: row.get(1)?,
        mode: row.get(2)?,
        secret_digest: row.get(3)?,
        scopes: row.get(4)?,
        networks: row.get(5)?,
        has_certificates: row.get::<u64>(6)? > 0,
    })
}
