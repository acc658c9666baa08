//! Client tokens for sessions.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use crate::{
    app::App,
    clock::Timestamp,
    http::Problem,
    identity::{Caller, NewClientToken},
    mode::Mode,
    store::{
        Touches,
        audit::{self, AuditEntry},
        sessions::{self, Session},
    },
};

/// Answer to `POST /v1/sessions/{id}/token`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RenewedToken {
    /// Takes the place of the former one.
    pub client_token: String,
    /// When it expires, RFC 3339.
    pub client_token_expires_at: String,
}

/// Issues a further token for a session that has not expired.
///
/// # Errors
/// `not_found`, `session_expired`.
pub async fn renew(
    app: &Arc<App>,
    caller: Caller,
    session_id: String,
    request_id: String,
) -> Result<RenewedToken, Problem> {
    let now = app.clock.now();
    let entry = AuditEntry {
        action: "session.token_renewed",
        merchant_id: Some(caller.merchant_id.clone()),
        client_id: Some(caller.client_id.clone()),
        session_id: Some(session_id.clone()),
        request_id: Some(request_id),
        ..AuditEntry::default()
    };
    let merchant_id = caller.merchant_id.clone();
    let touches = Touches::default().and("session", &session_id);
    let found = app.store.write_grouped("renew_token", touches, move |tx| {
        let session = sessions::find(tx, &session_id)?;
        let session = session.filter(|session| session.merchant_id == merchant_id);
        if session
            .as_ref()
            .is_some_and(|session| session.expires_at > now)
        {
            audit::append(tx, &entry, now)?;
        }
        Ok(session)
    });
    let session = found.await?.ok_or(ErrorCode::NotFound)?;
    if session.expires_at <= now {
        return Err(ErrorCode::SessionExpired.into());
    }
    let jti = app.rng.id("", now)?;
    let (client_token, expires_at) = issue(app, caller.mode, &session, now, &jti)?;
    Ok(RenewedToken {
        client_token,
        client_token_expires_at: expires_at.rfc3339(),
    })
}

/// The token that comes with a new session: made of stored members alone, so that a repeated request
/// gets the same one again; once that has expired, a new one.
pub(super) fn first(
    app: &App,
    mode: Mode,
    session: &Session,
    now: Timestamp,
) -> Result<(String, Timestamp), Problem> {
    let (token, expires_at) = issue(app, mode, session, session.created_at, &session.id)?;
    if expires_at > now {
        return Ok((token, expires_at));
    }
    issue(app, mode, session, now, &app.rng.id("", now)?)
}

fn issue(
    app: &App,
    mode: Mode,
    session: &Session,
    issued_at: Timestamp,
    jti: &str,
) -> Result<(String, Timestamp), Problem> {
    let keys = app.keys_of(mode);
    let sealing = keys.active_sealing().ok_or(ErrorCode::Internal)?;
    let token = NewClientToken {
        issuer: &app.public_origin,
        session_id: &session.id,
        merchant_id: &session.merchant_id,
        origin: &session.origin,
        sealing_kid: sealing.kid(),
        issued_at,
        ttl_s: app.limits.client_token_ttl_s,
        jti,
    };
    let signed = token.sign(&keys).map_err(|_| ErrorCode::Internal)?;
    Ok((signed, token.expires_at()))
}
