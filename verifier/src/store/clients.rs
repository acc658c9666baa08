//! Table `client`: a merchant's servers.

use super::{Connection, Row, StoreError, Tx};
use crate::{clock::Timestamp, mode::Mode, values};

/// What is kept of a client's secret.
#[derive(Clone, Eq, PartialEq)]
pub enum KeptSecret {
    /// PHC string of argon2id.
    Argon2id(String),
    /// SHA-256, as former versions kept it.
    Sha256([u8; 32]),
}

/// A merchant's server that may call the private listener.
#[derive(Clone)]
pub struct Client {
    /// `cli_test_…` or `cli_live_…`.
    pub id: String,
    /// The merchant it acts for.
    pub merchant_id: String,
    /// The merchant's mode.
    pub mode: Mode,
    /// Shown to operators.
    pub name: String,
    /// What is kept of its secret.
    pub secret: KeptSecret,
    /// What it may do, space separated.
    pub scopes: String,
    /// Networks (CIDR) that it may call from, space separated; where there are none, from everywhere.
    pub networks: String,
    /// Whether it is known by certificates: its secret alone then does not do.
    pub has_certificates: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it got the secret that it has, if it had another before.
    pub secret_changed_at: Option<Timestamp>,
    /// When it was put out of use.
    pub revoked_at: Option<Timestamp>,
    /// Grows with each change of what it proves itself with; its tokens name the one that they came of.
    pub credentials_generation: u64,
}

impl KeptSecret {
    fn digest(&self) -> &[u8] {
        match self {
            Self::Argon2id(_) => &[],
            Self::Sha256(digest) => digest,
        }
    }

    fn hash(&self) -> Option<&str> {
        match self {
            Self::Argon2id(hash) => Some(hash),
            Self::Sha256(_) => None,
        }
    }
}

const SELECT: &str =
    "SELECT client.id, client.merchant_id, merchant.mode, client.name, client.secret_digest,
         client.scopes, client.created_at, client.secret_changed_at, client.revoked_at, client.networks,
         (SELECT count(*) FROM client_certificate WHERE client_id = client.id),
         client.credentials_generation, client.secret_hash
     FROM client JOIN merchant ON merchant.id = client.merchant_id";

/// Adds a client, without certificates.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, client: &Client) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO client (id, merchant_id, name, secret_digest, scopes, created_at, secret_changed_at,
             revoked_at, networks, secret_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        values![
            client.id,
            client.merchant_id,
            client.name,
            client.secret.digest(),
            client.scopes,
            client.created_at,
            client.secret_changed_at,
            client.revoked_at,
            client.networks,
            client.secret.hash(),
        ],
    )?;
    Ok(())
}

/// The client of that id, revoked or not.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Client>, StoreError> {
    let sql = format!("{SELECT} WHERE client.id = ?1");
    connection.row(&sql, values![id], read)
}

/// Clients behind the id `after`, of one merchant or of all, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn page(
    connection: &Connection,
    merchant_id: Option<&str>,
    after: &str,
    limit: u32,
) -> Result<Vec<Client>, StoreError> {
    match merchant_id {
        Some(merchant_id) => {
            let sql = format!(
                "{SELECT} WHERE client.merchant_id = ?1 AND client.id > ?2 ORDER BY client.id LIMIT ?3"
            );
            connection.rows(&sql, values![merchant_id, after, limit], read)
        }
        None => {
            let sql = format!("{SELECT} WHERE client.id > ?1 ORDER BY client.id LIMIT ?2");
            connection.rows(&sql, values![after, limit], read)
        }
    }
}

/// Keeps what may change of a client: name, secret, scopes and whether it is in use.
///
/// # Errors
/// When the store fails.
pub fn update(tx: &Tx<'_>, client: &Client) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE client SET name = ?2, secret_digest = ?3, scopes = ?4, secret_changed_at = ?5,
             revoked_at = ?6, secret_hash = ?7
         WHERE id = ?1",
        values![
            client.id,
            client.name,
            client.secret.digest(),
            client.scopes,
            client.secret_changed_at,
            client.revoked_at,
            client.secret.hash(),
        ],
    )?;
    Ok(())
}

/// Keeps a client's secret in another form, unless it is another secret by now.
///
/// # Errors
/// When the store fails.
pub fn replace_secret(
    tx: &Tx<'_>,
    id: &str,
    former: &KeptSecret,
    kept: &KeptSecret,
) -> Result<(), StoreError> {
    tx.execute_any(
        "UPDATE client SET secret_digest = ?3, secret_hash = ?4 WHERE id = ?1 AND secret_digest = ?2",
        values![id, former.digest(), kept.digest(), kept.hash()],
    )
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

/// Notes that what a client proves itself with has changed: no token of before is good any more.
///
/// # Errors
/// When the store fails.
pub fn credentials_changed(tx: &Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE client SET credentials_generation = credentials_generation + 1 WHERE id = ?1",
        values![id],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Client, StoreError> {
    Ok(Client {
        id: row.get(0)?,
        merchant_id: row.get(1)?,
        mode: row.get(2)?,
        name: row.get(3)?,
        secret: match row.get(12)? {
            Some(hash) => KeptSecret::Argon2id(hash),
            None => KeptSecret::Sha256(row.get(4)?),
        },
        scopes: row.get(5)?,
        created_at: row.get(6)?,
        secret_changed_at: row.get(7)?,
        revoked_at: row.get(8)?,
        networks: row.get(9)?,
        has_certificates: row.get::<u64>(10)? > 0,
        credentials_generation: row.get(11)?,
    })
}
