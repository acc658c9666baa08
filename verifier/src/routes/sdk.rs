//! The loader and its types, under a path that names their version.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
};
use waxseal_protocol::ErrorCode;

use super::static_file::{Caching, respond};
use crate::{
    app::App,
    http::{PathOf, Problem},
    interface::{About, File},
};

pub(crate) const FILE: About = About {
    id: "readSdkFile",
    summary: "Read a file of the SDK's build",
    codes: &[],
};

const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));
const CSP: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// What is published there. The frame's document is not: it belongs to a session.
const FILES: [&str; 4] = [
    "manifest.json",
    "waxseal.d.ts",
    "waxseal.iife.js",
    "waxseal.js",
];

/// `GET /sdk/v1.2.3/{file}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    PathOf((version, file)): PathOf<(String, String)>,
    headers: HeaderMap,
) -> Result<File, Problem> {
    let is_published = version == VERSION && FILES.contains(&&*file);
    let asset = app.assets.find(&file).filter(|_| is_published);
    let mut response = respond(
        asset.ok_or(ErrorCode::NotFound)?,
        &headers,
        Caching::Immutable,
        CSP,
    );
    // Public code, the same for everybody: a module script from another origin needs CORS, and so
    // does its integrity check.
    let any = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    Ok(File(response))
}
