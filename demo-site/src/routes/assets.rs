//! Styles, scripts and pictures, inside the binary.

use axum::{
    extract::Path,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hyper::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use sha2::{Digest, Sha256};

use crate::error::{PageError, ShopError};

/// `GET /assets/{name}`. Revalidated each time: a rebuilt shop must not meet yesterday's script.
pub(crate) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => asset.answer(&headers),
        None => PageError(ShopError::NotFound).into_response(),
    }
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub(crate) async fn favicon(headers: HeaderMap) -> Response {
    ICON.answer(&headers)
}

struct Asset {
    name: &'static str,
    content_type: &'static str,
    text: &'static str,
}

impl Asset {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(self.text));
        let etag = format!("\"{digest}\"");
        let is_known = headers
            .get(IF_NONE_MATCH)
            .is_some_and(|known| known == etag.as_str());
        let common = [(ETAG, etag), (CACHE_CONTROL, "no-cache".to_owned())];
        if is_known {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        (common, [(CONTENT_TYPE, self.content_type)], self.text).into_response()
    }
}

macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        Asset {
            name: $name,
            content_type: $content_type,
            text: include_str!(concat!("../../assets/", $name)),
        }
    };
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

static ICON: Asset = asset!("icon.svg", SVG);

static ASSETS: [Asset; 12] = [
    asset!("cart.js", JS),
    asset!("checkout.css", CSS),
    asset!("checkout.js", JS),
    asset!("desk.svg", SVG),
    asset!("order.js", JS),
    asset!("panel.css", CSS),
    asset!("panel.js", JS),
    asset!("paper.svg", SVG),
    asset!("seal.svg", SVG),
    asset!("shop.css", CSS),
    asset!("wax.svg", SVG),
    asset!("icon.svg", SVG),
];
