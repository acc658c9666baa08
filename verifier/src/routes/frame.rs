//! The hosted frame: its document, whose framing policy is the session's, and its hashed assets.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue},
    response::Response,
};
use serde::Deserialize;
use waxseal_protocol::ErrorCode;

use super::static_file::{Caching, respond};
use crate::{
    app::App,
    http::{PathOf, Problem},
    store::sessions,
};

const DOCUMENT_CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors";
const ASSET_CSP: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// `s` is the session's id, which is no secret.
#[derive(Deserialize)]
pub(crate) struct DocumentQuery {
    #[serde(default)]
    s: String,
}

/// `GET /frame/v1?s=cs_…`
///
/// # Errors
/// `not_found` when the build has no frame.
pub(crate) async fn document(
    State(app): State<Arc<App>>,
    query: Result<Query<DocumentQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asset = app
        .assets
        .find("frame/index.html")
        .ok_or(ErrorCode::NotFound)?;
    let ancestors = match query {
        Ok(Query(query)) => ancestors(&app, query.s).await?,
        Err(_) => None,
    };
    let csp = format!(
        "{DOCUMENT_CSP} {}",
        ancestors.as_deref().unwrap_or("'none'")
    );
    let csp = HeaderValue::from_str(&csp).map_err(|_| ErrorCode::Internal)?;
    Ok(respond(asset, &headers, Caching::NoStore, csp))
}

/// `GET /frame/assets/{name}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn asset(
    State(app): State<Arc<App>>,
    PathOf(name): PathOf<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asset = app
        .assets
        .find(&format!("frame/assets/{name}"))
        .ok_or(ErrorCode::NotFound)?;
    Ok(respond(asset, &headers, Caching::Immutable, ASSET_CSP))
}

/// The one origin that may frame the session; `None` for a session that is unknown or over.
async fn ancestors(app: &App, session_id: String) -> Result<Option<String>, Problem> {
    let now = app.clock.now();
    let found = app
        .store
        .read(move |connection| sessions::find(connection, &session_id))
        .await?;
    Ok(found
        .filter(|session| session.expires_at > now)
        .map(|session| session.origin))
}
