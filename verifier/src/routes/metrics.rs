//! Metrics in Prometheus' text format.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};

use crate::{
    app::App,
    identity::Operator,
    interface::{About, PlainText},
};

pub(crate) const RENDER: About = About {
    id: "readMetrics",
    summary: "Read metrics, in Prometheus' text format",
    codes: &[],
};

/// `GET /metrics`
pub(crate) async fn render(State(app): State<Arc<App>>, _: Operator) -> PlainText {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    PlainText(([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response())
}
