//! Query strings.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;
use waxseal_protocol::ErrorCode;

use super::Problem;

/// A query that has exactly the form of `T`; any other is `request_invalid`.
pub struct StrictQuery<T>(pub T);

impl<T, S> FromRequestParts<S> for StrictQuery<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            // No text of ours has a NUL in it, or another control character below 16.
            Ok(Query(query)) if !has_control(parts) => Ok(Self(query)),
            _ => Err(ErrorCode::RequestInvalid.into()),
        }
    }
}

fn has_control(parts: &Parts) -> bool {
    parts.uri.query().is_some_and(|query| query.contains("%0"))
}
