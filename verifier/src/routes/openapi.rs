//! The interface, described.

use axum::{
    Extension,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use serde_json::Value;

use crate::interface::{About, Document, Written};

pub(crate) const READ: About = About {
    id: "readDescription",
    summary: "Read this document",
    codes: &[],
};

/// `GET /openapi.json`
pub(crate) async fn read(Extension(document): Extension<Document>) -> Written<Value> {
    let kind = HeaderValue::from_static("application/json");
    Written::new(([(header::CONTENT_TYPE, kind)], document.json()).into_response())
}
