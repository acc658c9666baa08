//! Sessions, for the merchant's server.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use waxseal_protocol::ErrorCode;

use super::callers::Server;
use crate::{
    app::App,
    checkout::{self, CreateSession, CreatedSession, RenewedToken, ReviseSession, SessionDetails},
    http::{PathOf, Peer, Problem, StrictJson},
    identity::Scope,
};

/// `POST /v1/sessions`
///
/// # Errors
/// See [`checkout::create`].
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    server: Server,
    peer: Peer,
    headers: HeaderMap,
    StrictJson(request): StrictJson<CreateSession>,
) -> Result<(StatusCode, Json<CreatedSession>), Problem> {
    let caller = server.with(&app, Scope::SessionsWrite).await?;
    let key = headers.get("idempotency-key").map(|key| key.to_str());
    let key = key.transpose().map_err(|_| ErrorCode::RequestInvalid)?;
    let created = checkout::create(&app, caller, request, key, peer.request_id).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// `GET /v1/sessions/{id}`
///
/// # Errors
/// See [`checkout::details`].
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    server: Server,
    PathOf(id): PathOf<String>,
) -> Result<Json<SessionDetails>, Problem> {
    let caller = server.with(&app, Scope::SessionsRead).await?;
    checkout::details(&app, caller, id).await.map(Json)
}

/// `PATCH /v1/sessions/{id}`
///
/// # Errors
/// See [`checkout::revise`].
pub(crate) async fn revise(
    State(app): State<Arc<App>>,
    server: Server,
    peer: Peer,
    PathOf(id): PathOf<String>,
    StrictJson(request): StrictJson<ReviseSession>,
) -> Result<Json<SessionDetails>, Problem> {
    let caller = server.with(&app, Scope::SessionsWrite).await?;
    checkout::revise(&app, caller, id, request, peer.request_id)
        .await
        .map(Json)
}

/// `POST /v1/sessions/{id}/token`
///
/// # Errors
/// See [`checkout::renew`].
pub(crate) async fn renew_token(
    State(app): State<Arc<App>>,
    server: Server,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<(StatusCode, Json<RenewedToken>), Problem> {
    let caller = server.with(&app, Scope::SessionsWrite).await?;
    let renewed = checkout::renew(&app, caller, id, peer.request_id).await?;
    Ok((StatusCode::CREATED, Json(renewed)))
}
