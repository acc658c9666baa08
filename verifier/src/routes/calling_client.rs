//! Which merchant's server a request comes from.

use axum::http::{header, request::Parts};

use super::callers::authorization;
use crate::{
    app::App,
    http::{ClientCertificate, Problem},
    identity::{basic_credentials, check_secret},
    store::{
        client_auths, client_certificates,
        clients::{self, Client},
    },
};

/// The client that the request proves to come from: by its connection's certificate alone, or by id and
/// secret. A client that is known by certificates has to come with one of them in either case, and nobody
/// else may come with it.
pub(super) async fn calling_client(parts: &Parts, app: &App) -> Result<Option<Client>, Problem> {
    let certificate = parts.extensions.get::<ClientCertificate>();
    let identifiers = certificate.map(ClientCertificate::identifiers);
    let identifiers = identifiers.unwrap_or_default();
    let Some(authorization) = authorization(parts) else {
        if identifiers.is_empty() || parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        let found = app.store.read(move |connection| {
            let owner = client_certificates::first_owner(connection, &identifiers)?;
            owner.map_or(Ok(None), |id| clients::find(connection, &id))
        });
        return Ok(found.await?.filter(|client| client.revoked_at.is_none()));
    };
    let Some((id, secret)) = basic_credentials(authorization) else {
        return Ok(None);
    };
    let found = app.store.read(move |connection| {
        // One that proves itself to the authorization server otherwise has no use for its secret.
        let other = client_auths::find(connection, &id)?;
        let client = clients::find(connection, &id)?.filter(|_| other.is_none());
        let owner = client_certificates::first_owner(connection, &identifiers)?;
        Ok((client, owner))
    });
    let (client, owner) = found.await?;
    let client = check_secret(client, &secret);
    Ok(client.filter(|client| match owner {
        Some(owner) => owner == client.id,
        None => !client.has_certificates,
    }))
}
