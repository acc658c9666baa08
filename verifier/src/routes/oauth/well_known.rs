//! What programs read before anything else.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};

use crate::app::App;

/// Short: a key that was revoked must vanish soon.
const CACHING: (HeaderName, HeaderValue) = (
    header::CACHE_CONTROL,
    HeaderValue::from_static("public, max-age=60"),
);

/// `GET /.well-known/oauth-authorization-server` (RFC 8414)
pub(crate) async fn metadata(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([CACHING], Json(app.authorization.metadata()))
}

/// `GET /oauth/jwks.json`: what access tokens are checked with.
pub(crate) async fn jwks(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([CACHING], Json(app.keyring().token_jwks()))
}
