//! Errors of OAuth's endpoints as answers (RFC 6749 section 5.2).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    app::App,
    checkout::audit_refused,
    http::{Peer, Problem, RefusedAs},
    identity::oauth::{OAuthError, OAuthFailure, Refusal},
    store::audit::{AUTH_FAILED, AuditEntry},
};

/// What failed, as an answer; why, for the audit alone.
pub(super) async fn failed(app: &App, failure: OAuthFailure, peer: &Peer) -> Response {
    match failure {
        OAuthFailure::Store(error) => Problem::from(error).into_response(),
        OAuthFailure::Refused(refusal) => {
            let error = refusal.error;
            match audited(app, refusal, peer).await {
                Ok(()) => told(error),
                Err(problem) => problem.into_response(),
            }
        }
    }
}

/// Who could not prove itself, or brought what is not good, counts as a failed authentication.
async fn audited(app: &App, refusal: Refusal, peer: &Peer) -> Result<(), Problem> {
    let action = match refusal.error {
        OAuthError::InvalidClient | OAuthError::InvalidDpopProof | OAuthError::InvalidGrant => {
            AUTH_FAILED
        }
        _ => "token.refused",
    };
    let entry = AuditEntry {
        action,
        code: Some(refusal.error.as_str()),
        reason: Some(refusal.reason),
        client_id: refusal.client_id,
        operator_id: refusal.user_id,
        ..AuditEntry::default()
    };
    Ok(audit_refused(app, entry, peer).await?)
}

fn told(error: OAuthError) -> Response {
    let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = Json(json!({ "error": error.as_str() }));
    let mut response = (status, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"waxseal\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response.extensions_mut().insert(RefusedAs(error.as_str()));
    response
}
