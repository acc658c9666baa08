//! A merchant's customers.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use super::callers::Server;
use crate::{
    app::App,
    checkout::{self, CustomerDetails, CustomerExport, CustomerRef},
    http::{PathOf, Peer, Problem},
    identity::Scope,
};

/// `GET /v1/customers/{ref}`
///
/// # Errors
/// `request_invalid`, and see [`checkout::customer`].
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    server: Server,
    PathOf(reference): PathOf<String>,
) -> Result<Json<CustomerDetails>, Problem> {
    let caller = server.with(&app, Scope::CardsRead).await?;
    let reference = CustomerRef::parse(reference)?;
    checkout::customer(&app, caller, reference).await.map(Json)
}

/// `GET /v1/customers/{ref}/export`
///
/// # Errors
/// `request_invalid`, and see [`checkout::export`].
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    server: Server,
    peer: Peer,
    PathOf(reference): PathOf<String>,
) -> Result<Json<CustomerExport>, Problem> {
    let caller = server.with(&app, Scope::CardsRead).await?;
    let reference = CustomerRef::parse(reference)?;
    checkout::export(&app, caller, reference, peer.request_id)
        .await
        .map(Json)
}

/// `DELETE /v1/customers/{ref}`
///
/// # Errors
/// `request_invalid`, and see [`checkout::erase_customer`].
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    server: Server,
    peer: Peer,
    PathOf(reference): PathOf<String>,
) -> Result<StatusCode, Problem> {
    let caller = server.with(&app, Scope::CardsDelete).await?;
    let reference = CustomerRef::parse(reference)?;
    checkout::erase_customer(&app, caller, reference, peer.request_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
