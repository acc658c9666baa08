//! Table `client_certificate`: by which certificates a merchant's server is known.

use super::{Connection, StoreError, Tx, clients};
use crate::{clock::Timestamp, values};

/// Has a client be known by `identifier` (`spki:…`, `dns:…` or `uri:…`), and its tokens of before no longer be
/// good; nothing changes if it is already.
///
/// # Errors
/// [`StoreError::Conflict`] when another client is known by it, or the store fails.
pub fn bind(
    tx: &Tx<'_>,
    client_id: &str,
    identifier: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    match owner(tx, identifier)? {
        Some(owner) if owner == client_id => Ok(()),
        Some(_) => Err(StoreError::Conflict),
        None => {
            tx.execute(
                "INSERT INTO client_certificate (identifier, client_id, created_at) VALUES (?1, ?2, ?3)",
                values![identifier, client_id, at],
            )?;
            clients::credentials_changed(tx, client_id)
        }
    }
}

/// Has a client be known by `identifier` no longer, and its tokens of before no longer be good; gives whether
/// it was.
///
/// # Errors
/// When the store fails.
pub fn unbind(tx: &Tx<'_>, client_id: &str, identifier: &str) -> Result<bool, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM client_certificate WHERE identifier = ?2 AND client_id = ?1",
        values![client_id, identifier],
    )?;
    if deleted > 0 {
        clients::credentials_changed(tx, client_id)?;
    }
    Ok(deleted > 0)
}

/// What a client is known by.
///
/// # Errors
/// When the store fails.
pub fn of_client(connection: &Connection, client_id: &str) -> Result<Vec<String>, StoreError> {
    connection.rows(
        "SELECT identifier FROM client_certificate WHERE client_id = ?1 ORDER BY identifier",
        values![client_id],
        |row| row.get(0),
    )
}

/// The id of the client that is known by the first of these that anybody is known by. A key tells more than
/// a name, so it comes first.
///
/// # Errors
/// When the store fails.
pub fn first_owner(
    connection: &Connection,
    identifiers: &[String],
) -> Result<Option<String>, StoreError> {
    for identifier in identifiers {
        let owner = owner(connection, identifier)?;
        if owner.is_some() {
            return Ok(owner);
        }
    }
    Ok(None)
}

fn owner(connection: &Connection, identifier: &str) -> Result<Option<String>, StoreError> {
    connection.row(
        "SELECT client_id FROM client_certificate WHERE identifier = ?1",
        values![identifier],
        |row| row.get(0),
    )
}
