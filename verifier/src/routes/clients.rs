//! Merchants' clients, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use waxseal_protocol::ErrorCode;

use super::{
    occasion::{occasion, occasion_once},
    page::PageLimit,
};
use crate::{
    accounts::{self, ClientChange, ClientDetails, ClientPage, ClientRequest, ClientWithSecret},
    app::App,
    http::{IdempotencyKey, PathOf, Peer, Problem, StrictJson, StrictQuery},
    identity::Operator,
    interface::{About, Created},
};

pub(crate) const CHANGE: About = About {
    id: "changeClient",
    summary: "Change a client's name or scopes",
    codes: &[ErrorCode::ClientRevoked],
};
pub(crate) const CREATE: About = About {
    id: "createClient",
    summary: "Make a client; its secret is shown once",
    codes: &[ErrorCode::MerchantUnknown],
};
pub(crate) const LIST: About = About {
    id: "listClients",
    summary: "Read clients",
    codes: &[],
};
pub(crate) const READ: About = About {
    id: "readClient",
    summary: "Read a client",
    codes: &[],
};
pub(crate) const REVOKE: About = About {
    id: "revokeClient",
    summary: "Refuse a client from now on",
    codes: &[ErrorCode::ClientRevoked],
};
pub(crate) const ROTATE: About = About {
    id: "rotateClientSecret",
    summary: "Give a client another secret, which is shown once",
    codes: &[ErrorCode::ClientRevoked],
};

/// Query of [`list`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// Clients on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
    /// Id of the merchant whose clients to read.
    #[serde(default)]
    merchant: Option<String>,
}

/// `GET /v1/clients`
///
/// # Errors
/// `request_invalid`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    StrictQuery(query): StrictQuery<ClientQuery>,
) -> Result<Json<ClientPage>, Problem> {
    let limit = query.limit.rows();
    let page = accounts::clients(&app, query.merchant, query.after, limit);
    page.await.map(Json)
}

/// `POST /v1/clients`
///
/// # Errors
/// See [`accounts::create_client`].
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<ClientRequest>,
) -> Result<Created<ClientWithSecret>, Problem> {
    let what = ("POST /v1/clients", &request);
    let occasion = occasion_once(&app, operator, peer, &key, what)?;
    let made = accounts::create_client(&app, request, occasion);
    made.await.map(Created)
}

/// `GET /v1/clients/{id}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(id): PathOf<String>,
) -> Result<Json<ClientDetails>, Problem> {
    accounts::client(&app, id).await.map(Json)
}

/// `PATCH /v1/clients/{id}`
///
/// # Errors
/// See [`accounts::change_client`].
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
    StrictJson(change): StrictJson<ClientChange>,
) -> Result<Json<ClientDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let changed = accounts::change_client(&app, id, change, occasion).await;
    app.authorization.forget_checked();
    changed.map(Json)
}

/// `POST /v1/clients/{id}/revoke`
///
/// # Errors
/// See [`accounts::revoke_client`].
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<ClientDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let revoked = accounts::revoke_client(&app.store, id, occasion).await;
    app.authorization.forget_checked();
    revoked.map(Json)
}

/// `POST /v1/clients/{id}/rotate`
///
/// # Errors
/// See [`accounts::rotate_secret`].
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<ClientWithSecret>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let rotated = accounts::rotate_secret(&app.store, Arc::clone(&app.rng), id, occasion).await;
    app.authorization.forget_checked();
    rotated.map(Json)
}
