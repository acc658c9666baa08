//! Request bodies: strict JSON of bounded size, within bounded time.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use waxseal_protocol::{ErrorCode, object::object};

use super::Problem;
use crate::app::App;

/// A body of `application/json` that has exactly the form of `T`.
pub struct StrictJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for StrictJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(ErrorCode::UnsupportedMediaType.into());
        }
        let limit = app.limits.body_bytes;
        if announced_length(request.headers()).is_some_and(|length| length > limit as u64) {
            return Err(ErrorCode::BodyTooLarge.into());
        }
        let body = Limited::new(request.into_body(), limit).collect();
        let bytes: Bytes =
            tokio::time::timeout(Duration::from_secs(app.limits.body_timeout_s), body)
                .await
                .map_err(|_| ErrorCode::RequestTimeout)?
                .map_err(|error| match error.is::<LengthLimitError>() {
                    true => ErrorCode::BodyTooLarge,
                    false => ErrorCode::RequestInvalid,
                })?
                .to_bytes();
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // The parser's own message would quote what it met.
    let invalid = |_| ErrorCode::RequestInvalid;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = object(&mut reader).map_err(invalid)?;
    reader.end().map_err(invalid)?;
    Ok(value)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
