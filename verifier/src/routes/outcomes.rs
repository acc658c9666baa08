//! What became of sessions and cards, from merchants' servers.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    http::{IdempotencyKey, Peer, Problem, StrictJson, StrictQuery},
    identity::Caller,
    interface::{About, Created},
    labels::{self, OutcomeDetails, OutcomeHistory, OutcomeRequest},
};

pub(crate) const LIST: About = About {
    id: "listOutcomes",
    summary: "Read all that was said of a session or a card, latest first",
    codes: &[ErrorCode::NotFound],
};
pub(crate) const RECORD: About = About {
    id: "recordOutcome",
    summary: "Say what became of a session or a card",
    codes: &[ErrorCode::NotFound],
};

/// Query of [`list`]: one of the three.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutcomeQuery {
    /// Id of the session.
    #[serde(default)]
    session: Option<String>,
    /// The merchant's own reference of a session.
    #[serde(default)]
    order_id: Option<String>,
    /// Id of the card.
    #[serde(default)]
    card: Option<String>,
}

/// `GET /v1/outcomes`
///
/// # Errors
/// `request_invalid`, `not_found`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    StrictQuery(query): StrictQuery<OutcomeQuery>,
) -> Result<Json<OutcomeHistory>, Problem> {
    let about = (query.session, query.order_id, query.card);
    let history = labels::history(&app, caller, about);
    history.await.map(Json)
}

/// `POST /v1/outcomes`
///
/// # Errors
/// See [`labels::record`].
pub(crate) async fn record(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<OutcomeRequest>,
) -> Result<Created<OutcomeDetails>, Problem> {
    let recorded = labels::record(&app, caller, request, key, peer.request_id);
    recorded.await.map(Created)
}
