//! Decisions that ask for a person, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use waxseal_protocol::ErrorCode;

use super::{occasion::occasion, page::PageLimit};
use crate::{
    app::App,
    http::{PathOf, Peer, Problem, StrictJson, StrictQuery},
    identity::Operator,
    interface::About,
    labels::{self, ReviewDetails, ReviewPage, VerdictRequest},
};

pub(crate) const CLAIM: About = About {
    id: "claimReview",
    summary: "Say that you look at a decision, for a quarter of an hour",
    codes: &[ErrorCode::ReviewClaimed, ErrorCode::ReviewDecided],
};
pub(crate) const DECIDE: About = About {
    id: "decideReview",
    summary: "Say what a decision was about, and block what is to be blocked",
    codes: &[ErrorCode::ReviewClaimed, ErrorCode::ReviewDecided],
};
pub(crate) const LIST: About = About {
    id: "listReviews",
    summary: "Read decisions that ask for a person, oldest first",
    codes: &[],
};
pub(crate) const READ: About = About {
    id: "readReview",
    summary: "Read a decision that asks for a person",
    codes: &[],
};

/// Query of [`list`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// Reviews on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
    /// Those that somebody has decided on, in the place of those that wait.
    #[serde(default)]
    decided: bool,
    /// Id of the merchant whose reviews to read.
    #[serde(default)]
    merchant: Option<String>,
}

/// `GET /v1/reviews`
///
/// # Errors
/// `request_invalid`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    StrictQuery(query): StrictQuery<ReviewQuery>,
) -> Result<Json<ReviewPage>, Problem> {
    let limit = query.limit.rows();
    let page = labels::reviews(&app, query.decided, query.merchant, query.after, limit);
    page.await.map(Json)
}

/// `GET /v1/reviews/{id}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(id): PathOf<String>,
) -> Result<Json<ReviewDetails>, Problem> {
    labels::review(&app, id).await.map(Json)
}

/// `POST /v1/reviews/{id}/claim`
///
/// # Errors
/// See [`labels::claim`].
pub(crate) async fn claim(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
) -> Result<Json<ReviewDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    labels::claim(&app, id, occasion).await.map(Json)
}

/// `POST /v1/reviews/{id}/decide`
///
/// # Errors
/// See [`labels::decide`].
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(id): PathOf<String>,
    StrictJson(request): StrictJson<VerdictRequest>,
) -> Result<Json<ReviewDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    labels::decide(&app, id, request, occasion).await.map(Json)
}
