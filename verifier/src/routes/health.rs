//! Whether the process lives, and whether it can work.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    http::Problem,
    interface::About,
    store::{Touches, heartbeat},
};

pub(crate) const LIVE: About = About {
    id: "isLive",
    summary: "Ask whether the process answers",
    codes: &[],
};
pub(crate) const READY: About = About {
    id: "isReady",
    summary: "Ask whether the store can write",
    codes: &[],
};

/// Answer of both checks.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// `GET /healthz`: the process answers.
pub(crate) async fn live() -> Json<Health> {
    OK
}

/// `GET /readyz`: the store can write, as a full disk or a file gone read-only would not let it.
///
/// # Errors
/// `unavailable`.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Result<Json<Health>, Problem> {
    let now = app.clock.now();
    let touches = Touches::default().and("heartbeat", "");
    let probe = app
        .store
        .write_grouped("readyz", touches, move |tx| heartbeat::beat(tx, now));
    match probe.await {
        Ok(()) => Ok(OK),
        Err(_) => Err(ErrorCode::Unavailable.into()),
    }
}
