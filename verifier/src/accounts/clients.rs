//! Clients: a merchant's servers, with their secrets and scopes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;
use zeroize::Zeroizing;

use super::{Name, once::once};
use crate::{
    app::App,
    clock::Timestamp,
    http::{Misfit, MisfitReason, Problem, end_page},
    identity::{self, NewClient, Scope, Scopes, ServerRole},
    keys::Occasion,
    mode::Mode,
    rng::Rng,
    store::{
        Connection, Store, StoreError, Tx,
        audit::{self, AuditEntry},
        client_certificates,
        clients::{self, Client},
        may_be_id, merchants,
    },
};

/// Body of `POST /v1/clients`: either `role` or `scopes`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientRequest {
    /// Id of the merchant that it will act for.
    pub merchant: String,
    /// Shown to operators.
    pub name: Name,
    /// The scopes of that role, as they are today.
    #[serde(default)]
    pub role: Option<ServerRole>,
    /// What it may do.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub scopes: Option<Vec<Scope>>,
}

/// Body of `PATCH /v1/clients/{id}`: what is to change.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "scopes": ["cards:read", "sessions:read"] }))]
pub struct ClientChange {
    /// Shown to operators.
    #[serde(default)]
    pub name: Option<Name>,
    /// The scopes of that role, as they are today, in the place of all former ones.
    #[serde(default)]
    pub role: Option<ServerRole>,
    /// In the place of all former ones.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub scopes: Option<Vec<Scope>>,
}

/// A client, for operators.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClientDetails {
    /// `cli_test_…` or `cli_live_…`.
    pub id: String,
    /// Id of the merchant that it acts for.
    pub merchant: String,
    /// The merchant's mode.
    pub mode: Mode,
    /// Shown to operators.
    pub name: String,
    /// What it may do.
    #[schema(value_type = Vec<Scope>)]
    pub scopes: Scopes,
    /// Networks (CIDR) that it may call from; from everywhere where there are none.
    #[schema(example = json!(["192.0.2.0/24"]))]
    pub networks: Vec<String>,
    /// What its certificates are known by: `spki:…`, `dns:…` or `uri:…`. Without one of them its secret
    /// does not do, where there are any.
    #[schema(example = json!(["dns:backend.shop.example"]))]
    pub certificates: Vec<String>,
    /// RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When its secret was rotated last, RFC 3339.
    #[schema(format = DateTime)]
    pub secret_changed_at: Option<String>,
    /// When it was put out of use, RFC 3339.
    #[schema(format = DateTime)]
    pub revoked_at: Option<String>,
}

/// A client and its secret.
#[derive(Serialize, ToSchema)]
pub struct ClientWithSecret {
    /// The client.
    #[serde(flatten)]
    pub client: ClientDetails,
    /// Shown now and never again: not when the request is repeated under its idempotency key either.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub client_secret: Option<Zeroizing<String>>,
}

/// One page of clients.
#[derive(Serialize, ToSchema)]
pub struct ClientPage {
    /// By id.
    pub data: Vec<ClientDetails>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl ClientDetails {
    fn of(client: Client, certificates: Vec<String>) -> Self {
        let networks = client.networks.split_ascii_whitespace();
        Self {
            scopes: Scopes::parse(&client.scopes),
            networks: networks.map(str::to_owned).collect(),
            certificates,
            id: client.id,
            merchant: client.merchant_id,
            mode: client.mode,
            name: client.name,
            created_at: client.created_at.rfc3339(),
            secret_changed_at: client.secret_changed_at.map(Timestamp::rfc3339),
            revoked_at: client.revoked_at.map(Timestamp::rfc3339),
        }
    }

    fn read(connection: &Connection, client: Client) -> Result<Self, StoreError> {
        let certificates = client_certificates::of_client(connection, &client.id)?;
        Ok(Self::of(client, certificates))
    }
}

/// Makes a client, once for each idempotency key.
///
/// # Errors
/// `request_invalid`, `merchant_unknown`, `idempotency_conflict`.
pub async fn create_client(
    app: &App,
    request: ClientRequest,
    occasion: Occasion,
) -> Result<ClientWithSecret, Problem> {
    let scopes = granted(request.role, request.scopes.as_deref())?;
    let scopes = scopes.ok_or(Misfit::of("scopes", MisfitReason::Missing))?;
    if !may_be_id(&request.merchant) {
        return Err(ErrorCode::MerchantUnknown.into());
    }
    let mode = Mode::of_id(&request.merchant);
    let (rng, merchant, at) = (Arc::clone(&app.rng), request.merchant, occasion.at);
    let new = spawn_blocking(move || identity::make_client(&merchant, mode, &scopes, at, &*rng));
    let new = new.await.map_err(|_| ErrorCode::Internal)?;
    let new = new.map_err(|_| ErrorCode::Internal)?;
    let NewClient { mut client, secret } = new;
    request.name.as_str().clone_into(&mut client.name);
    let id = client.id.clone();
    let stored = app.store.write("create_client", move |tx| {
        let again = |id: &str| clients::find(tx, id);
        let stored = once(tx, &occasion, &client.id, again, || {
            if merchants::find(tx, &client.merchant_id)?.is_none() {
                return Ok(Err(ErrorCode::MerchantUnknown));
            }
            insert_client(tx, &client, &occasion)?;
            Ok(Ok(client.clone()))
        })?;
        match stored {
            Ok(client) => ClientDetails::read(tx, client).map(Ok),
            Err(code) => Ok(Err(code)),
        }
    });
    let client = stored.await??;
    Ok(ClientWithSecret {
        client_secret: (client.id == id).then_some(secret),
        client,
    })
}

/// Adds a client, and says so in the audit.
///
/// # Errors
/// When the store fails.
pub fn insert_client(tx: &Tx<'_>, client: &Client, occasion: &Occasion) -> Result<(), StoreError> {
    clients::insert(tx, client)?;
    log(tx, "client.created", client, occasion)
}

/// Clients behind the id `after`, of one merchant or of all, `limit` at most.
///
/// # Errors
/// When the store fails.
pub async fn clients(
    app: &App,
    merchant: Option<String>,
    after: String,
    limit: u32,
) -> Result<ClientPage, Problem> {
    let rows = app.store.read(move |connection| {
        let rows = clients::page(connection, merchant.as_deref(), &after, limit + 1)?;
        let rows = rows.into_iter();
        rows.map(|client| ClientDetails::read(connection, client))
            .collect::<Result<Vec<_>, _>>()
    });
    let mut rows = rows.await?;
    Ok(ClientPage {
        next_cursor: end_page(&mut rows, limit, |row| row.id.clone()),
        data: rows,
    })
}

/// The client of that id.
///
/// # Errors
/// `not_found`.
pub async fn client(app: &App, id: String) -> Result<ClientDetails, Problem> {
    let found = app.store.read(move |connection| {
        let client = clients::find(connection, &id)?;
        let client = client.map(|client| ClientDetails::read(connection, client));
        client.transpose()
    });
    Ok(found.await?.ok_or(ErrorCode::NotFound)?)
}

/// Changes a client's name and scopes.
///
/// # Errors
/// `request_invalid`, `not_found`, `client_revoked`.
pub async fn change_client(
    app: &App,
    id: String,
    change: ClientChange,
    occasion: Occasion,
) -> Result<ClientDetails, Problem> {
    let scopes = granted(change.role, change.scopes.as_deref())?;
    if scopes.is_none() && change.name.is_none() {
        return client(app, id).await;
    }
    let changed = update(
        &app.store,
        id,
        "client.revised",
        occasion,
        move |_, client| {
            if let Some(name) = change.name {
                name.as_str().clone_into(&mut client.name);
            }
            if let Some(scopes) = scopes {
                client.scopes = scopes.to_string();
            }
            Ok(())
        },
    );
    changed.await
}

/// Gives a client another secret; the former one is refused from now on.
///
/// # Errors
/// `not_found`, `client_revoked`.
pub async fn rotate_secret(
    store: &Store,
    rng: Arc<dyn Rng>,
    id: String,
    occasion: Occasion,
) -> Result<ClientWithSecret, Problem> {
    let made = spawn_blocking(move || identity::renew_secret(&*rng));
    let made = made.await.map_err(|_| ErrorCode::Internal)?;
    let (secret, kept) = made.map_err(|_| ErrorCode::Internal)?;
    let at = occasion.at;
    let changed = update(
        store,
        id,
        "client.secret_rotated",
        occasion,
        move |tx, client| {
            client.secret = kept;
            client.secret_changed_at = Some(at);
            // Whoever had the former secret may have got a token for it.
            clients::credentials_changed(tx, &client.id)
        },
    );
    Ok(ClientWithSecret {
        client: changed.await?,
        client_secret: Some(secret),
    })
}

/// Refuses a client from now on, for ever.
///
/// # Errors
/// `not_found`, `client_revoked`.
pub async fn revoke_client(
    store: &Store,
    id: String,
    occasion: Occasion,
) -> Result<ClientDetails, Problem> {
    let at = occasion.at;
    let changed = update(store, id, "client.revoked", occasion, move |_, client| {
        client.revoked_at = Some(at);
        Ok(())
    });
    changed.await
}

/// What role or scopes grant; `None` when neither is given.
fn granted(role: Option<ServerRole>, scopes: Option<&[Scope]>) -> Result<Option<Scopes>, Misfit> {
    match (role, scopes) {
        (None, None) => Ok(None),
        (Some(role), None) => Ok(Some(role.scopes())),
        (None, Some(scopes)) if !scopes.is_empty() => Ok(Some(Scopes::of(scopes))),
        (None, Some(_)) => Err(Misfit::of("scopes", MisfitReason::Length)),
        (Some(_), Some(_)) => Err(Misfit::of("role", MisfitReason::Format)),
    }
}

async fn update(
    store: &Store,
    id: String,
    action: &'static str,
    occasion: Occasion,
    change: impl FnOnce(&Tx<'_>, &mut Client) -> Result<(), StoreError> + Send + 'static,
) -> Result<ClientDetails, Problem> {
    let changed = store.write("change_client", move |tx| {
        let Some(mut client) = clients::find(tx, &id)? else {
            return Ok(Err(ErrorCode::NotFound));
        };
        if client.revoked_at.is_some() {
            return Ok(Err(ErrorCode::ClientRevoked));
        }
        change(tx, &mut client)?;
        clients::update(tx, &client)?;
        log(tx, action, &client, &occasion)?;
        ClientDetails::read(tx, client).map(Ok)
    });
    Ok(changed.await??)
}

fn log(
    tx: &Tx<'_>,
    action: &'static str,
    client: &Client,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        action,
        stated: Some(client.scopes.clone()),
        merchant_id: Some(client.merchant_id.clone()),
        client_id: Some(client.id.clone()),
        operator_id: occasion.operator_id.clone(),
        request_id: occasion.request_id.clone(),
        ..AuditEntry::default()
    };
    audit::append(tx, &entry, occasion.at)
}
