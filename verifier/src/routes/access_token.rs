//! Requests with an access token (RFC 6750, RFC 9449).

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use waxseal_protocol::ErrorCode;

use super::callers::authorization;
use crate::{
    app::App,
    checkout::audit_refusal,
    http::{ClientCertificate, Peer, Problem},
    identity::oauth::{Granted, Presented, Scheme, TokenRefused},
    store::audit::AUTH_FAILED,
};

/// Whom the request's access token makes the caller; nothing when it comes with none.
///
/// # Errors
/// `unauthenticated` for a token that is not good, which is then in the security log.
pub(super) async fn granted(parts: &mut Parts, app: &Arc<App>) -> Result<Option<Granted>, Problem> {
    let Some((scheme, token)) = authorization(parts).and_then(scheme_and_token) else {
        return Ok(None);
    };
    let certificate = parts.extensions.get::<ClientCertificate>();
    let presented = Presented {
        scheme,
        token,
        proof: one_proof(&parts.headers),
        method: parts.method.as_str(),
        path: parts.uri.path(),
        certificate: certificate.map(ClientCertificate::sha256),
    };
    let now = app.clock.now();
    let checked = app
        .authorization
        .check(&app.store, &app.keys, presented, now)
        .await;
    let (reason, challenge) = match checked {
        Ok(granted) => return Ok(Some(granted)),
        Err(TokenRefused::Store(error)) => return Err(error.into()),
        Err(TokenRefused::Invalid(reason)) => (reason, invalid_token(scheme)),
        Err(TokenRefused::Proof(reason)) => {
            (reason, "DPoP error=\"invalid_dpop_proof\", algs=\"ES256\"")
        }
    };
    let Ok(peer) = Peer::from_request_parts(parts, app).await;
    let code = ErrorCode::Unauthenticated;
    audit_refusal(app, AUTH_FAILED, code, Some(reason), &peer).await?;
    Err(Problem::from(code).with_challenge(challenge))
}

/// The `DPoP` header, if it is there once (RFC 9449 section 4.3, step 1).
pub(super) fn one_proof(headers: &HeaderMap) -> Option<&str> {
    let mut proofs = headers.get_all("dpop").iter();
    let proof = proofs.next()?.to_str().ok()?;
    proofs.next().is_none().then_some(proof)
}

/// What somebody is told whose access token is good, but not for this (RFC 6750 section 3.1); nothing to
/// whom comes without one.
pub(super) fn insufficient_scope(parts: &Parts, scope: &str) -> Option<String> {
    let (scheme, _) = authorization(parts).and_then(scheme_and_token)?;
    let told = format!("error=\"insufficient_scope\", scope=\"{scope}\"");
    Some(match scheme {
        Scheme::Bearer => format!("Bearer {told}"),
        Scheme::Dpop => format!("DPoP {told}, algs=\"ES256\""),
    })
}

const fn invalid_token(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Bearer => "Bearer error=\"invalid_token\"",
        Scheme::Dpop => "DPoP error=\"invalid_token\", algs=\"ES256\"",
    }
}

fn scheme_and_token(authorization: &str) -> Option<(Scheme, &str)> {
    let (scheme, token) = authorization.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Some((Scheme::Bearer, token))
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Some((Scheme::Dpop, token))
    } else {
        None
    }
}
