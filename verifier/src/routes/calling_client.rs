//! Which merchant's server a request comes from.

use axum::http::{header, request::Parts};

use super::{callers::authorization, certificate_owner::identifiers, unproved::Unproved};
use crate::{
    app::App,
    http::Problem,
    identity::basic_credentials,
    store::{
        client_auths, client_certificates,
        clients::{self, Client},
    },
};

/// The client that the request proves to come from: by its connection's certificate alone, or by id and
/// secret. A client that is known by certificates has to come with one of them in either case, and nobody
/// else may come with it.
pub(super) async fn calling_client(
    parts: &Parts,
    app: &App,
) -> Result<Result<Client, Unproved>, Problem> {
    let identifiers = identifiers(parts);
    // Its key: what an operator would have to bind.
    let pin = identifiers.first().cloned();
    let Some(authorization) = authorization(parts) else {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Err(Unproved::new("credentials_malformed")));
        }
        let Some(pin) = pin else {
            return Ok(Err(Unproved::new("credentials_missing")));
        };
        let found = app.store.read(move |connection| {
            let owner = client_certificates::first_owner(connection, &identifiers)?;
            owner.map_or(Ok(None), |id| clients::find(connection, &id))
        });
        return Ok(match found.await? {
            None => Err(Unproved::by_certificate(pin)),
            Some(client) if client.revoked_at.is_some() => {
                Err(Unproved::new("client_revoked").of_client(client.id))
            }
            Some(client) => Ok(client),
        });
    };
    let Some((id, secret)) = basic_credentials(authorization) else {
        return Ok(Err(Unproved::new("credentials_malformed")));
    };
    let found = app.store.read(move |connection| {
        // One that proves itself to the authorization server otherwise has no use for its secret.
        let other = client_auths::find(connection, &id)?;
        let client = clients::find(connection, &id)?;
        let owner = client_certificates::first_owner(connection, &identifiers)?;
        Ok((client, other.is_some(), owner))
    });
    let (known, has_other, owner) = found.await?;
    let now = app.clock.now();
    let by_secret = known.clone().filter(|_| !has_other);
    let checked = app.client_secrets.check(&app.store, by_secret, secret, now);
    let checked = checked.await?;
    let Some(known) = known else {
        return Ok(Err(Unproved::new("client_unknown")));
    };
    let refused = |reason| Ok(Err(Unproved::new(reason).of_client(known.id.clone())));
    if known.revoked_at.is_some() {
        return refused("client_revoked");
    }
    if has_other {
        return refused("client_method");
    }
    let Some(client) = checked else {
        return refused("secret_wrong");
    };
    match (owner, pin) {
        (Some(owner), _) if owner == client.id => Ok(Ok(client)),
        (Some(_), _) => refused("certificate_of_another"),
        (None, _) if !client.has_certificates => Ok(Ok(client)),
        (None, Some(pin)) => Ok(Err(Unproved::by_certificate(pin).of_client(client.id))),
        (None, None) => refused("certificate_missing"),
    }
}
