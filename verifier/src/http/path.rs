//! Parts of a path.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::de::DeserializeOwned;
use waxseal_protocol::ErrorCode;

use super::Problem;

/// Like [`Path`], but what cannot be read is `not_found`: no resource has such a name.
pub struct PathOf<T>(pub T);

impl<T, S> FromRequestParts<S> for PathOf<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            // None of ours has a NUL in it, or another control character below 16.
            Ok(Path(value)) if !parts.uri.path().contains("%0") => Ok(Self(value)),
            _ => Err(ErrorCode::NotFound.into()),
        }
    }
}
