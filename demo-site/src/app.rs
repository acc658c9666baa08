//! What every route of the shop works with.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use hyper::header::SET_COOKIE;

use crate::{
    error::ShopError,
    shopper::{Handle, Registry, SessionCookie},
    verifier::VerifierClient,
    wire::WireLog,
};

/// The shop.
#[derive(Debug)]
pub struct App {
    /// Where browsers find the shop and the verifier.
    pub site: Site,
    /// The verifier's private listener.
    pub verifier: VerifierClient,
    /// Carts and orders.
    pub shoppers: Registry,
    /// What the relay saw, if one is running.
    pub wire: Option<Arc<WireLog>>,
}

/// Public addresses.
#[derive(Clone, Debug)]
pub struct Site {
    /// The origin of the shop's pages, registered with the verifier.
    pub shop_origin: String,
    /// The origin of the verifier's public listener.
    pub verifier_origin: String,
    /// `sha384-…` of the SDK's loader, pinned when the shop was deployed. Without it the shop would
    /// run whatever the verifier's origin serves.
    pub loader_integrity: Option<String>,
}

impl Site {
    /// URL of the SDK's loader, an ES module.
    pub fn loader_url(&self) -> String {
        format!(
            "{}/sdk/v{}/waxseal.js",
            self.verifier_origin,
            env!("CARGO_PKG_VERSION")
        )
    }
}

/// Whoever sent the request, if the shop knows them.
#[derive(Debug)]
pub struct Visitor(pub Option<Handle>);

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        let id = SessionCookie::for_shop(&app.site.shop_origin).read(&parts.headers);
        Ok(Self(id.and_then(|id| app.shoppers.find(id))))
    }
}

impl Visitor {
    /// The visitor's cart and orders; for somebody new a fresh one, with the cookie to send.
    ///
    /// # Errors
    /// When no random id can be made.
    pub fn or_new(self, app: &App) -> Result<(Handle, NewCookie), ShopError> {
        if let Some(known) = self.0 {
            return Ok((known, NewCookie(None)));
        }
        let (id, shopper) = app.shoppers.open()?;
        let cookie = SessionCookie::for_shop(&app.site.shop_origin).issue(&id);
        Ok((shopper, NewCookie(cookie)))
    }
}

/// A `Set-Cookie` header, if one is due.
#[derive(Debug)]
pub struct NewCookie(Option<axum::http::HeaderValue>);

impl NewCookie {
    /// `response` with the cookie.
    pub fn with(self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        if let Some(cookie) = self.0 {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    }
}
