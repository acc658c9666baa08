//! `Idempotency-Key`: under which key a request is carried out once.

use aws_lc_rs::hmac;
use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Serialize;
use waxseal_protocol::ErrorCode;

use super::Problem;
use crate::lengths::LengthPrefixed;

/// Longest key, in characters.
pub const MAX_IDEMPOTENCY_KEY: usize = 255;

const HEADER: &str = "idempotency-key";

/// The header's value, if there is one: 1 to 255 printable ASCII characters.
pub struct IdempotencyKey(Option<String>);

/// What is kept of a key and of the request under it.
pub struct RequestDigests {
    /// Of the key.
    pub key: [u8; 32],
    /// Of what the request means: every member, defaults filled in, not the bytes that were sent.
    pub meaning: [u8; 32],
}

impl IdempotencyKey {
    /// Digests of the key and of `request` to `route`, under `mac`; none without a key.
    ///
    /// # Errors
    /// `internal` when the request cannot be written as JSON.
    pub fn digests(
        &self,
        mac: &hmac::Key,
        route: &str,
        request: &impl Serialize,
    ) -> Result<Option<RequestDigests>, ErrorCode> {
        let Some(key) = &self.0 else {
            return Ok(None);
        };
        let meaning = serde_json::to_vec(request).map_err(|_| ErrorCode::Internal)?;
        let digest = |kind: &[u8], bytes: &[u8]| {
            let parts = LengthPrefixed::default()
                .part(route.as_bytes())
                .part(kind)
                .part(bytes);
            let mut value = [0; 32];
            value.copy_from_slice(hmac::sign(mac, &parts.into_bytes()).as_ref());
            value
        };
        Ok(Some(RequestDigests {
            key: digest(b"key", key.as_bytes()),
            meaning: digest(b"meaning", &meaning),
        }))
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(HEADER).iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        let key = value.to_str().ok().filter(|key| {
            (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        match key {
            Some(key) if values.next().is_none() => Ok(Self(Some(key.to_owned()))),
            _ => Err(ErrorCode::RequestInvalid.into()),
        }
    }
}
