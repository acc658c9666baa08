//! Errors of OAuth's own endpoints, in the words of its RFCs.

use crate::{rng::RngError, store::StoreError};

/// What a program is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OAuthError {
    /// The person, or what they may do, says no (RFC 6749 section 4.1.2.1).
    AccessDenied,
    /// Who asks could not be authenticated (RFC 6749 section 5.2).
    InvalidClient,
    /// The DPoP proof is missing or not good (RFC 9449 section 5).
    InvalidDpopProof,
    /// The code, verifier or refresh token is not good (RFC 6749 section 5.2).
    InvalidGrant,
    /// Something is missing, there twice, or not as it has to be.
    InvalidRequest,
    /// A scope that is unknown, or more than may be asked for.
    InvalidScope,
    /// Another resource than this verifier (RFC 8707 section 2).
    InvalidTarget,
    /// The verifier failed.
    ServerError,
    /// The verifier is too busy for a moment.
    TemporarilyUnavailable,
    /// This kind of grant is not for this client.
    UnauthorizedClient,
    /// A grant that is not offered.
    UnsupportedGrantType,
    /// An answer that is not offered.
    UnsupportedResponseType,
}

impl OAuthError {
    /// The name in an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::InvalidClient => "invalid_client",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
        }
    }

    /// HTTP status of an answer that is no redirect.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidClient => 401,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// A refusal: what is told, and what the audit is told beyond it.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is told.
    pub error: OAuthError,
    /// Why, from a fixed list.
    pub reason: &'static str,
    /// Who asked, if that is known.
    pub client_id: Option<String>,
    /// For whom, if that is known.
    pub user_id: Option<String>,
}

/// Why there is no token.
#[derive(Debug)]
pub enum OAuthFailure {
    /// It is refused.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl Refusal {
    /// Without knowing who asked.
    pub const fn new(error: OAuthError, reason: &'static str) -> Self {
        Self {
            error,
            reason,
            client_id: None,
            user_id: None,
        }
    }

    /// With who asked.
    #[must_use]
    pub fn of_client(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.to_owned());
        self
    }

    /// With for whom.
    #[must_use]
    pub fn for_user(mut self, user_id: &str) -> Self {
        self.user_id = Some(user_id.to_owned());
        self
    }
}

impl From<Refusal> for OAuthFailure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for OAuthFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<RngError> for OAuthFailure {
    fn from(_: RngError) -> Self {
        Self::Store(StoreError::Rng)
    }
}
