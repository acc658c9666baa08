//! Whose certificate a connection has: with one client's nobody else may come.

use axum::http::request::Parts;

use crate::{
    app::App,
    http::ClientCertificate,
    store::{StoreError, client_certificates},
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
        .read(move |connection| client_certificates::first_owner(connection, &identifiers));
    Ok(found.await?.is_none_or(|owner| owner == caller))
}

/// What the connection's certificate says that a client may be known by; nothing where it has none.
pub(super) fn identifiers(parts: &Parts) -> Vec<String> {
    let certificate = parts.extensions.get::<ClientCertificate>();
    certificate
        .map(ClientCertificate::identifiers)
        .unwrap_or_default()
}
