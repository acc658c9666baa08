//! Merchants, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    occasion::{occasion, occasion_once},
    page::PageLimit,
};
use crate::{
    accounts::{self, MerchantChange, MerchantDetails, MerchantPage, MerchantRequest},
    app::App,
    http::{IdempotencyKey, PathOf, Peer, Problem, StrictJson, StrictQuery},
    identity::Operator,
    interface::{About, Created},
};

pub(crate) const CHANGE: About = About {
    id: "changeMerchant",
    summary: "Change a merchant's name or origins",
    codes: &[],
};
pub(crate) const CREATE: About = About {
    id: "createMerchant",
    summary: "Make a merchant",
    codes: &[],
};
pub(crate) const LIST: About = About {
    id: "listMerchants",
    summary: "Read merchants",
    codes: &[],
};
pub(crate) const READ: About = About {
    id: "readMerchant",
    summary: "Read a merchant",
    codes: &[],
};

/// Query of [`list`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct MerchantQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// Merchants on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
}

/// `GET /v1/merchants`
///
/// # Errors
/// `request_invalid`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    StrictQuery(query): StrictQuery<MerchantQuery>,
) -> Result<Json<MerchantPage>, Problem> {
    let limit = query.limit.rows();
    accounts::merchants(&app, query.after, limit)
        .await
        .map(Json)
}

/// `POST /v1/merchants`
///
/// # Errors
/// `request_invalid`, and see [`accounts::create_merchant`].
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<MerchantRequest>,
) -> Result<Created<MerchantDetails>, Problem> {
    let what = ("POST /v1/merchants", &request);
    let occasion = occasion_once(&app, operator, peer, &key, what)?;
    let made = accounts::create_merchant(&app, request, occasion);
    made.await.map(Created)
}

/// `GET /v1/merchants/{id}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(id): PathOf<String>,
) -> Result<Json<MerchantDetails>, Problem> {
    accounts::merchant(&app, id).await.map(Json)
}

/// `PATCH /v1/merchants/{id}`
///
/// # Errors
/// `request_invalid`, `not_found`.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
    StrictJson(change): StrictJson<MerchantChange>,
) -> Result<Json<MerchantDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let changed = accounts::change_merchant(&app, id, change, occasion);
    changed.await.map(Json)
}
