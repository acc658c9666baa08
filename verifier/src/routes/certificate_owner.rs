//! Whose certificate a connection has: with one client's nobody else may come.

use axum::http::request::Parts;

use crate::{
    app::App,
    http::ClientCertificate,
    store::{Connection, StoreError, client_certificates},
};

/// Whether the client that the connection's certificate belongs to, if it belongs to any, is `caller`. Who is no
/// client, such as an operator, is none that it could be.
///
/// # Errors
/// When the store fails.
pub(super) async fn may_come(parts: &Parts, app: &App, caller: &str) -> Result<bool, StoreError> {
    let identifiers = identifiers(parts);
    if identifiers.is_empty() {
        return Ok(true);
    }
    let found = app
        .store
        .read(move |connection| owner(connection, &identifiers));
    Ok(found.await?.is_none_or(|owner| owner == caller))
}

/// What the connection's certificate says that a client may be known by; nothing where it has none.
pub(super) fn identifiers(parts: &Parts) -> Vec<String> {
    let certificate = parts.extensions.get::<ClientCertificate>();
    certificate
        .map(ClientCertificate::identifiers)
        .unwrap_or_default()
}

/// The client that is known by the first of these that anybody is known by. A key tells more than a name,
/// so it comes first.
pub(super) fn owner(
    connection: &Connection,
    identifiers: &[String],
) -> Result<Option<String>, StoreError> {
    for identifier in identifiers {
        let owner = client_certificates::owner(connection, identifier)?;
        if owner.is_some() {
            return Ok(owner);
        }
    }
    Ok(None)
}
