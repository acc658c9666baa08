//! Sessions, for the merchant's server.

use std::sync::Arc;

use axum::{Json, extract::State};
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    checkout::{self, CreateSession, CreatedSession, RenewedToken, ReviseSession, SessionDetails},
    http::{IdempotencyKey, PathOf, Peer, Problem, Shoppers, StrictJson},
    identity::Caller,
    interface::{About, Created},
};

pub(crate) const CREATE: About = About {
    id: "createSession",
    summary: "Create a session",
    codes: &[ErrorCode::OriginNotRegistered],
};
pub(crate) const READ: About = About {
    id: "readSession",
    summary: "Read a session, and the decision",
    codes: &[],
};
pub(crate) const RENEW: About = About {
    id: "renewToken",
    summary: "Make a further client token",
    codes: &[ErrorCode::SessionExpired],
};
pub(crate) const REVISE: About = About {
    id: "reviseSession",
    summary: "Change a session's amount or shipping",
    codes: &[
        ErrorCode::RevisionConflict,
        ErrorCode::SessionCompleted,
        ErrorCode::SessionExpired,
    ],
};

/// `POST /v1/sessions`
///
/// # Errors
/// `rate_limited` for one shopper's address; see [`checkout::create`].
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    shoppers: Shoppers,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateSession>,
) -> Result<Created<CreatedSession>, Problem> {
    if let Some(ip) = request.shopper_ip {
        shoppers.admit(&app, &caller.merchant_id, ip).await?;
    }
    let created = checkout::create(&app, caller, request, key, peer.request_id).await?;
    Ok(Created(created))
}

/// `GET /v1/sessions/{id}`
///
/// # Errors
/// See [`checkout::details`].
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathOf(id): PathOf<String>,
) -> Result<Json<SessionDetails>, Problem> {
    checkout::details(&app, caller, id).await.map(Json)
}

/// `PATCH /v1/sessions/{id}`
///
/// # Errors
/// See [`checkout::revise`].
pub(crate) async fn revise(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    PathOf(id): PathOf<String>,
    StrictJson(request): StrictJson<ReviseSession>,
) -> Result<Json<SessionDetails>, Problem> {
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
    caller: Caller,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Created<RenewedToken>, Problem> {
    let renewed = checkout::renew(&app, caller, id, peer.request_id).await?;
    Ok(Created(renewed))
}
