//! The public sealing keys.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use waxseal_protocol::message::SealingJwks;

use crate::{
    app::App,
    interface::{About, Written},
};

pub(crate) const LIST: About = About {
    id: "listSealingKeys",
    summary: "Read the public sealing keys",
    codes: &[],
};

/// `GET /.well-known/jwks.json`
pub(crate) async fn list(State(app): State<Arc<App>>) -> Written<SealingJwks> {
    // Short: a revoked key must vanish soon.
    let caching = (
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    );
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    let sharing = (policy, HeaderValue::from_static("cross-origin"));
    Written::new(([caching, sharing], Json(app.keyring().jwks())).into_response())
}
