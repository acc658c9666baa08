//! Files of the SDK's build output as answers.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::assets::Asset;

/// How long browsers may keep a file.
#[derive(Clone, Copy)]
pub(super) enum Caching {
    /// For ever: its name or path changes with its content.
    Immutable,
    /// Not at all.
    NoStore,
}

/// The file, compressed where the caller takes it, with a CSP of its own.
pub(super) fn respond(
    asset: &Asset,
    request: &HeaderMap,
    caching: Caching,
    csp: HeaderValue,
) -> Response {
    let compressed = asset.brotli.as_ref().filter(|_| accepts_brotli(request));
    let body = compressed.unwrap_or(&asset.plain).clone();
    let mut response = Body::from(body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(match caching {
            Caching::Immutable => "public, max-age=31536000, immutable",
            Caching::NoStore => "no-store",
        }),
    );
    // Merchants' pages load the frame and the loader from this origin.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    if compressed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn accepts_brotli(request: &HeaderMap) -> bool {
    let accepted = request
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| {
        accepted.split(',').map(str::trim).any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim() == "br" && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_accept_encoding() {
        for (value, accepts) in [
            ("br", true),
            ("gzip, deflate, br, zstd", true),
            ("gzip, br;q=0.5", true),
            ("br;q=0", false),
            ("gzip", false),
            ("brotli", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(accepts_brotli(&headers), accepts, "{value}");
        }
    }
}
