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

use super::{Misfit, Problem};
use crate::app::App;

/// A body of `application/json` that has exactly the form of `T`.
pub struct StrictJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for StrictJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        if !has_type(request.headers(), "application/json") {
            return Err(ErrorCode::UnsupportedMediaType.into());
        }
        parse(&read_body(request, app).await?).map(Self)
    }
}

/// A body of bounded size, within bounded time.
pub(super) async fn read_body(request: Request, app: &App) -> Result<Bytes, Problem> {
    let limit = app.limits.body_bytes;
    if announced_length(request.headers()).is_some_and(|length| length > limit as u64) {
        return Err(ErrorCode::BodyTooLarge.into());
    }
    let body = Limited::new(request.into_body(), limit).collect();
    let collected =
        tokio::time::timeout(Duration::from_secs(app.limits.body_timeout_s), body).await;
    let body = collected.map_err(|_| ErrorCode::RequestTimeout)?;
    let body = body.map_err(|error| match error.is::<LengthLimitError>() {
        true => ErrorCode::BodyTooLarge,
        false => ErrorCode::RequestInvalid,
    })?;
    Ok(body.to_bytes())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = object(&mut reader).and_then(|value| reader.end().map(|()| value));
    // The parser's own message would quote what it met.
    read.map_err(|_| Misfit::find::<T>(bytes).into())
}

pub(super) fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(wanted)
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
