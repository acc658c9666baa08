//! Who may talk to the shop, and from where.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{HOST, HeaderName, ORIGIN},
};

use crate::app::App;

/// Sends pages asked for under another name (127.0.0.1 for localhost) to the shop's own, because only
/// that origin may mount the frame; refuses the rest, which also ends DNS rebinding.
pub async fn insist_on_host(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let own = app
        .site
        .shop_origin
        .split_once("://")
        .map(|(_, authority)| authority);
    let asked = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    if asked == own {
        return next.run(request).await;
    }
    if request.method() == Method::GET {
        // The path is joined to this shop's own origin, so that it can lead nowhere else.
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        return Redirect::temporary(&format!("{}{path}", app.site.shop_origin)).into_response();
    }
    StatusCode::MISDIRECTED_REQUEST.into_response()
}

/// Refuses what another site's page makes a browser send (CSRF). `SameSite=Lax` is not enough here:
/// pages on other ports of `localhost` count as the same site.
pub async fn refuse_other_sites(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let is_safe = request.method() == Method::GET || request.method() == Method::HEAD;
    if is_safe || comes_from(request.headers(), &app.site.shop_origin) {
        return next.run(request).await;
    }
    StatusCode::FORBIDDEN.into_response()
}

/// Every browser sends one of the two with a POST; a client that sends neither is no browser, and has
/// only the cookies that it was given.
fn comes_from(headers: &HeaderMap, own_origin: &str) -> bool {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let is_own = headers
        .get(ORIGIN)
        .is_none_or(|origin| origin == own_origin);
    let is_same = headers
        .get(SEC_FETCH_SITE)
        .is_none_or(|site| site == "same-origin");
    is_own && is_same
}
