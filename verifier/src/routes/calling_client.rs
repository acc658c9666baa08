//! Which merchant's server a request comes from.

use axum::http::{header, request::Parts};
use zeroize::Zeroizing;

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

/// Who it is and what that was proved by, or why it is nobody.
type Proved = Result<(Client, &'static str), Unproved>;

/// The client that the request proves to come from: by its connection's certificate alone, or by id and
/// secret. A client that is known by certificates has to come with one of them in either case, and nobody
/// else may come with it.
pub(super) async fn calling_client(parts: &Parts, app: &App) -> Result<Proved, Problem> {
    let identifiers = identifiers(parts);
    match authorization(parts).map(basic_credentials) {
        Some(Some(credentials)) => by_secret(app, credentials, identifiers).await,
        None if !parts.headers.contains_key(header::AUTHORIZATION) => {
            by_certificate(app, identifiers).await
        }
        _ => Ok(Err(Unproved::new("credentials_malformed"))),
    }
}

async fn by_certificate(app: &App, identifiers: Vec<String>) -> Result<Proved, Problem> {
    // Its key: what an operator would have to bind.
    let Some(pin) = identifiers.first().cloned() else {
        return Ok(Err(Unproved::new("credentials_missing")));
    };
    let found = app.store.read(move |connection| {
        let owner = client_certificates::first_owner(connection, &identifiers)?;
        owner.map_or(Ok(None), |id| clients::find(connection, &id))
    });
    Ok(match found.await? {
        None => Err(Unproved::by_certificate(pin)),
        Some(client) if client.revoked_at.is_some() => {
            Err(Unproved::new("client_revoked").of_client(client.id))
        }
        Some(client) => Ok((client, "certificate")),
    })
}

async fn by_secret(
    app: &App,
    (id, secret): (String, Zeroizing<String>),
    identifiers: Vec<String>,
) -> Result<Proved, Problem> {
    let pin = identifiers.first().cloned();
    let by = match pin {
        None => "secret",
        Some(_) => "secret_and_certificate",
    };
    let found = app.store.read(move |connection| {
        // One that proves itself to the authorization server otherwise has no use for its secret.
        let other = client_auths::find(connection, &id)?;
        let client = clients::find(connection, &id)?;
        let owner = client_certificates::first_owner(connection, &identifiers)?;
        Ok((client, other.is_some(), owner))
    });
    let (known, has_other, owner) = found.await?;
    let has_use = known.clone().filter(|_| !has_other);
    let checking = app
        .client_secrets
        .check(&app.store, has_use, secret, app.clock.now());
    let checked = checking.await?;
    let Some(known) = known else {
        return Ok(Err(Unproved::new("client_unknown")));
    };
    let refused = |reason| Err(Unproved::new(reason).of_client(known.id.clone()));
    Ok(match (checked, owner, pin) {
        _ if known.revoked_at.is_some() => refused("client_revoked"),
        _ if has_other => refused("client_method"),
        (None, ..) => refused("secret_wrong"),
        (Some(client), Some(owner), _) if owner == client.id => Ok((client, by)),
        (_, Some(_), _) => refused("certificate_of_another"),
        (Some(client), None, _) if !client.has_certificates => Ok((client, by)),
        (_, None, Some(pin)) => Err(Unproved::by_certificate(pin).of_client(known.id)),
        (_, None, None) => refused("certificate_missing"),
    })
}
