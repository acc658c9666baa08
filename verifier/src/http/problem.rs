//! Errors as problem details (RFC 9457).

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use waxseal_engine::rules::{RuleError, RuleErrors};
use waxseal_protocol::{Actor, ErrorCode};

use super::{Misfit, MisfitReason};
use crate::store::StoreError;

/// A refused or failed request: a stable code, and what the log may say beyond it.
#[derive(Clone, Debug)]
pub struct Problem {
    code: ErrorCode,
    cause: Option<String>,
    values: Option<u64>,
    retry_after_s: Option<u64>,
    challenge: Option<Cow<'static, str>>,
    misfit: Option<Misfit>,
    errors: Option<Box<RuleErrors>>,
}

/// Names a request in its answer, the log and the audit: `req_…`.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Details {
    /// `urn:waxseal:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What the code means.
    title: &'static str,
    /// The answer's status.
    status: u16,
    /// Stable: it may be joined by others, never renamed.
    #[schema(value_type = String)]
    code: ErrorCode,
    /// Who can act on it.
    actor: Actor,
    /// Names the request in the verifier's log.
    request_id: String,
    /// With `key_in_use`: how many values are encrypted under the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<u64>,
    /// With `request_invalid` for a body: the documented name of the member that is not as it has to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'static str>,
    /// With `request_invalid` for a body: in which way.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<MisfitReason>,
    /// With `rules_invalid`: every mistake of the rules' text, in its order.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<RuleError>>,
}

impl Problem {
    /// The public code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What the log may say beyond the code; never content of a request.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// With what the log may say beyond the code; never content of a request.
    #[must_use]
    pub fn because(mut self, cause: &impl std::fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// With the number of values that stand in the way, as a member of the body.
    #[must_use]
    pub const fn with_values(mut self, values: u64) -> Self {
        self.values = Some(values);
        self
    }

    /// With where a body does not have the documented form, as members of the answer's.
    #[must_use]
    pub(super) const fn with_misfit(mut self, misfit: Misfit) -> Self {
        self.misfit = Some(misfit);
        self
    }

    /// With the mistakes of a text of rules, as members of the body.
    #[must_use]
    pub fn with_errors(mut self, errors: RuleErrors) -> Self {
        self.errors = Some(Box::new(errors));
        self
    }

    /// With the seconds after which to try again.
    #[must_use]
    pub const fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// With a `WWW-Authenticate` of its own: what a refused token is told (RFC 6750 section 3, RFC 9449
    /// section 7.1), or one that does not go so far. ASCII.
    #[must_use]
    pub fn with_challenge(mut self, challenge: impl Into<Cow<'static, str>>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// The body, which only the outermost layer can write: it knows the request's id.
    pub(super) fn details(&self, request_id: &str) -> Vec<u8> {
        let details = Details {
            kind: format!("urn:waxseal:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.http_status(),
            code: self.code,
            actor: self.code.actor(),
            request_id: request_id.to_owned(),
            values: self.values,
            member: self.misfit.and_then(|misfit| misfit.member),
            reason: self.misfit.map(|misfit| misfit.reason),
            errors: self.errors.as_ref().map(|errors| errors.0.clone()),
        };
        serde_json::to_vec(&details).unwrap_or_default()
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        // The verifier is too busy for a moment only.
        let retry_after_s = matches!(code, ErrorCode::Unavailable).then_some(1);
        Self {
            code,
            cause: None,
            values: None,
            retry_after_s,
            challenge: None,
            misfit: None,
            errors: None,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let StoreError::Damaged(table) = error {
            // To be alarmed by: a disk that rots, or a hand in the database.
            metrics::counter!("waxseal_rows_damaged_total", "table" => table).increment(1);
        }
        let code = match error.may_pass() {
            true => ErrorCode::Unavailable,
            false => ErrorCode::Internal,
        };
        Self::from(code).because(&error)
    }
}

impl From<crate::rng::RngError> for Problem {
    fn from(_: crate::rng::RngError) -> Self {
        StoreError::Rng.into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.http_status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        let challenge = match (&self.challenge, self.code) {
            (Some(challenge), _) => Some(challenge.as_ref()),
            (None, ErrorCode::Unauthenticated) => Some("Basic realm=\"waxseal\""),
            (None, _) => (status == StatusCode::UNAUTHORIZED).then_some("Bearer"),
        };
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// For a path that is not there.
pub async fn not_found() -> Problem {
    ErrorCode::NotFound.into()
}

/// For a path that is there under another method.
pub async fn method_not_allowed() -> Problem {
    ErrorCode::MethodNotAllowed.into()
}
