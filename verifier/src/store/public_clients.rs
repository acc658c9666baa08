//! Tables `public_client` and `redirect_uri`: programs that people sign in with.

use super::{Connection, Row, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// A program that people sign in with.
#[derive(Clone)]
pub struct PublicClient {
    /// `app_…`
    pub id: String,
    /// Shown when it asks for consent.
    pub name: String,
    /// What it may ask for, space separated.
    pub scopes: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was put out of use.
    pub revoked_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, name, scopes, created_at, revoked_at";

/// Adds a program with the URIs that it may be answered at.
///
/// # Errors
/// When the store fails.
pub fn insert(
    tx: &Tx<'_>,
    client: &PublicClient,
    redirect_uris: &[String],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO public_client (id, name, scopes, created_at, revoked_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        values![
            client.id,
            client.name,
            client.scopes,
            client.created_at,
            client.revoked_at
        ],
    )?;
    for uri in redirect_uris {
        tx.execute(
            "INSERT INTO redirect_uri (client_id, uri) VALUES (?1, ?2)",
            values![client.id, uri],
        )?;
    }
    Ok(())
}

/// The program of that id, revoked or not.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<PublicClient>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM public_client WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// Whether a program may be answered at exactly that URI.
///
/// # Errors
/// When the store fails.
pub fn has_redirect_uri(connection: &Connection, id: &str, uri: &str) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM redirect_uri WHERE client_id = ?1 AND uri = ?2",
        values![id, uri],
    )
}

/// Where a program may be answered.
///
/// # Errors
/// When the store fails.
pub fn redirect_uris(connection: &Connection, id: &str) -> Result<Vec<String>, StoreError> {
    connection.rows(
        "SELECT uri FROM redirect_uri WHERE client_id = ?1 ORDER BY uri",
        values![id],
        |row| row.get(0),
    )
}

/// Every program, oldest first.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection) -> Result<Vec<PublicClient>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM public_client ORDER BY created_at, id");
    connection.rows(&sql, values![], read)
}

/// Puts a program out of use; gives whether there was one to put out of use.
///
/// # Errors
/// When the store fails.
pub fn revoke(tx: &Tx<'_>, id: &str, at: Timestamp) -> Result<bool, StoreError> {
    let revoked = tx.execute(
        "UPDATE public_client SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        values![id, at],
    )?;
    Ok(revoked > 0)
}

fn read(row: &Row<'_>) -> Result<PublicClient, StoreError> {
    Ok(PublicClient {
        id: row.get(0)?,
        name: row.get(1)?,
        scopes: row.get(2)?,
        created_at: row.get(3)?,
        revoked_at: row.get(4)?,
    })
}
