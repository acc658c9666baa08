//! A merchant's customers.

use std::sync::Arc;

use axum::{Json, extract::State};
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    checkout::{self, CustomerDetails, CustomerExport, CustomerRef},
    http::{PathOf, Peer, Problem},
    identity::Caller,
    interface::{About, NoContent},
};

pub(crate) const ERASE: About = About {
    id: "eraseCustomer",
    summary: "Erase a customer",
    codes: &[ErrorCode::RequestInvalid],
};
pub(crate) const EXPORT: About = About {
    id: "exportCustomer",
    summary: "Read all that is held on a customer",
    codes: &[ErrorCode::RequestInvalid],
};
pub(crate) const READ: About = About {
    id: "readCustomer",
    summary: "Read a customer",
    codes: &[ErrorCode::RequestInvalid],
};

/// `GET /v1/customers/{ref}`
///
/// # Errors
/// `request_invalid`, and see [`checkout::customer`].
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathOf(reference): PathOf<String>,
) -> Result<Json<CustomerDetails>, Problem> {
    let reference = CustomerRef::parse(reference)?;
    checkout::customer(&app, caller, reference).await.map(Json)
}

/// `GET /v1/customers/{ref}/export`
///
/// # Errors
/// `request_invalid`, and see [`checkout::export`].
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    PathOf(reference): PathOf<String>,
) -> Result<Json<CustomerExport>, Problem> {
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
    caller: Caller,
    peer: Peer,
    PathOf(reference): PathOf<String>,
) -> Result<NoContent, Problem> {
    let reference = CustomerRef::parse(reference)?;
    checkout::erase_customer(&app, caller, reference, peer.request_id).await?;
    Ok(NoContent)
}
