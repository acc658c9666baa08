//! The hosted frame: its document, whose framing policy is the session's, and its hashed assets.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue},
};
use serde::Deserialize;
use utoipa::IntoParams;
use waxseal_protocol::ErrorCode;

use super::static_file::{Caching, respond};
use crate::{
    app::App,
    http::{PathOf, Problem, StrictQuery},
    interface::{About, File},
    store::sessions,
};

pub(crate) const ASSET: About = About {
    id: "readFrameAsset",
    summary: "Read a hashed file of the frame",
    codes: &[],
};
pub(crate) const DOCUMENT: About = About {
    id: "readFrame",
    summary: "Read the frame's document, which the session's origin alone may frame",
    codes: &[ErrorCode::NotFound],
};

const DOCUMENT_CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors";
const ASSET_CSP: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Query of [`document`].
#[derive(Deserialize, IntoParams)]
pub(crate) struct DocumentQuery {
    /// The session's id, which is no secret.
    #[serde(default)]
    s: String,
}

/// `GET /frame/v1?s=cs_…`
///
/// # Errors
/// `not_found` when the build has no frame.
pub(crate) async fn document(
    State(app): State<Arc<App>>,
    query: Result<StrictQuery<DocumentQuery>, Problem>,
    headers: HeaderMap,
) -> Result<File, Problem> {
    let asset = app
        .assets
        .find("frame/index.html")
        .ok_or(ErrorCode::NotFound)?;
    let ancestors = match query {
        Ok(StrictQuery(query)) => ancestors(&app, query.s).await?,
        Err(_) => None,
    };
    let csp = format!(
        "{DOCUMENT_CSP} {}",
        ancestors.as_deref().unwrap_or("'none'")
    );
    let csp = HeaderValue::from_str(&csp).map_err(|_| ErrorCode::Internal)?;
    Ok(File(respond(asset, &headers, Caching::NoStore, csp)))
}

/// `GET /frame/assets/{name}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn asset(
    State(app): State<Arc<App>>,
    PathOf(name): PathOf<String>,
    headers: HeaderMap,
) -> Result<File, Problem> {
    let asset = app
        .assets
        .find(&format!("frame/assets/{name}"))
        .ok_or(ErrorCode::NotFound)?;
    Ok(File(respond(
        asset,
        &headers,
        Caching::Immutable,
        ASSET_CSP,
    )))
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
