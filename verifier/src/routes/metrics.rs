//! Metrics in Prometheus' text format.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};

use super::callers::Server;
use crate::{app::App, http::Problem, identity::Scope};

/// `GET /metrics`
///
/// # Errors
/// `forbidden`.
pub(crate) async fn render(
    State(app): State<Arc<App>>,
    server: Server,
) -> Result<impl IntoResponse, Problem> {
    server.with(&app, Scope::MetricsRead).await?;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], app.metrics.render()))
}
