//! "What each party sees": for the demo only.
//!
//! A real shop has no such endpoint: the decision and its reasons stay with its backend. This one
//! shows them to whoever placed the order, so that a developer can compare the parties' views.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;

use crate::{
    app::{App, Visitor},
    error::ApiError,
    verifier::SessionRecord,
    wire::Exchange,
};

/// `GET /api/panel/checkout`: about the order being checked out.
pub(crate) async fn of_checkout(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
) -> Result<Json<Panel>, ApiError> {
    let session_id = match visitor {
        Some(shopper) => shopper.lock().await.open_session_id().map(str::to_owned),
        None => None,
    };
    panel(&app, session_id).await
}

/// `GET /api/panel/order`: about the order placed last.
pub(crate) async fn of_order(
    State(app): State<Arc<App>>,
    Visitor(visitor): Visitor,
) -> Result<Json<Panel>, ApiError> {
    let session_id = match visitor {
        Some(shopper) => shopper
            .lock()
            .await
            .placed
            .as_ref()
            .map(|order| order.session_id.clone()),
        None => None,
    };
    panel(&app, session_id).await
}

/// The two views that the page itself does not have.
#[derive(Debug, Serialize)]
pub(crate) struct Panel {
    /// Whether somebody reads along on the wire.
    has_relay: bool,
    /// What a reader of the wire has: the submissions of this order, oldest first.
    exchanges: Vec<Exchange>,
    /// What this backend has: the session with its masked card and the decision.
    session: Option<SessionRecord>,
}

async fn panel(app: &App, session_id: Option<String>) -> Result<Json<Panel>, ApiError> {
    let has_relay = app.wire.is_some();
    let Some(id) = session_id else {
        return Ok(Json(Panel {
            has_relay,
            exchanges: Vec::new(),
            session: None,
        }));
    };
    let exchanges = app
        .wire
        .as_ref()
        .map(|log| log.of_session(&id))
        .unwrap_or_default();
    let session = app.verifier.session(&id).await?;
    Ok(Json(Panel {
        has_relay,
        exchanges,
        session,
    }))
}
