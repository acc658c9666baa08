//! Where identity providers send people back to (OpenID Connect Core section 3.1.2.5), each to a path of its
//! own: no answer of one is taken for another's (RFC 9700 section 4.4).

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use waxseal_protocol::ErrorCode;

use super::{
    authorize::{here, read, sign_in_page},
    cookies::{self, DEPARTED, SESSION},
    pages::{Failed, OnwardPage, UnanswerablePage, page},
};
use crate::{
    app::App,
    checkout::audit_refused,
    http::{PathOf, Peer, Problem},
    identity::{
        federation::{Asking, FederationFailure, IdentityProvider, take_pending},
        oauth::{AuthorizationRequest, Parameters},
    },
    keys::Keyring,
    store::{
        audit::{AUTH_FAILED, AuditEntry},
        pending_logins::PendingLogin,
    },
};

/// `GET /oauth/callback/{provider}?…`
///
/// # Errors
/// When the store fails.
pub(crate) async fn come_back(
    State(app): State<Arc<App>>,
    PathOf(name): PathOf<String>,
    RawQuery(query): RawQuery,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unanswerable = || page(StatusCode::BAD_REQUEST, &UnanswerablePage, None);
    let Some(provider) = app.identity_providers.named(&name) else {
        return unanswerable();
    };
    let Ok(answer) = Parameters::parse(query.unwrap_or_default().as_bytes()) else {
        return unanswerable();
    };
    let state = answer.get("state").unwrap_or_default();
    let cookie = cookies::read(&headers, DEPARTED).unwrap_or_default();
    let now = app.clock.now();
    let pending = take_pending(&app.store, provider, state, cookie, now).await?;
    let Some(pending) = pending else {
        let failure = FederationFailure::from("login_state");
        refused(&app, failure, None, &peer).await?;
        return unanswerable();
    };
    let mut response = arrive(&app, provider, &pending, &answer, &peer, &headers).await?;
    let cookie = cookies::expire(DEPARTED)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Signed in, or asked again.
async fn arrive(
    app: &App,
    provider: &IdentityProvider,
    pending: &PendingLogin,
    answer: &Parameters,
    peer: &Peer,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let keyring = app.keyring();
    let asking = asking(app, &keyring);
    let request_id = peer.request_id.clone();
    let arrived = provider.arrive(&asking, pending, answer, request_id);
    match arrived.await {
        Ok(session) => {
            let onward = OnwardPage {
                to: &here(&pending.query),
                name: "Waxseal",
            };
            let mut response = page(StatusCode::OK, &onward, None)?;
            let cookie = cookies::set(SESSION, &session.handle.text)?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(failure) => match read(app, &pending.query).await? {
            Err(answer) => {
                refused(app, failure, None, peer).await?;
                Ok(answer)
            }
            Ok(request) => {
                refused(app, failure, Some(&request), peer).await?;
                let failed = Some(Failed::Elsewhere);
                sign_in_page(app, &request, &pending.query, headers, failed)
            }
        },
    }
}

/// Sends a browser to the identity provider that its form names.
pub(super) async fn depart(
    app: &App,
    request: &AuthorizationRequest,
    query: String,
    (headers, peer): (&HeaderMap, &Peer),
    form: &Parameters,
) -> Result<Response, Problem> {
    let named = form.get("provider").unwrap_or_default();
    let provider = app.identity_providers.named(named);
    let provider = provider.ok_or(ErrorCode::RequestInvalid)?;
    let keyring = app.keyring();
    let asking = asking(app, &keyring);
    match provider.depart(&asking, query.clone()).await {
        Ok(departure) => {
            let onward = OnwardPage {
                to: &departure.uri,
                name: provider.name(),
            };
            let mut response = page(StatusCode::OK, &onward, None)?;
            let cookie = cookies::set(DEPARTED, &departure.cookie)?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(failure) => {
            refused(app, failure, Some(request), peer).await?;
            sign_in_page(app, request, &query, headers, Some(Failed::Elsewhere))
        }
    }
}

fn asking<'a>(app: &'a App, keyring: &'a Keyring) -> Asking<'a> {
    Asking {
        store: &app.store,
        keyring,
        outbound: &app.outbound,
        rng: &*app.rng,
        now: app.clock.now(),
    }
}

/// Why, for the audit alone.
async fn refused(
    app: &App,
    failure: FederationFailure,
    request: Option<&AuthorizationRequest>,
    peer: &Peer,
) -> Result<(), Problem> {
    let (reason, user_id) = match failure {
        FederationFailure::Store(error) => return Err(error.into()),
        FederationFailure::Refused(reason, user_id) => (reason, user_id),
    };
    let entry = AuditEntry {
        action: AUTH_FAILED,
        code: Some(ErrorCode::Unauthenticated.as_str()),
        reason: Some(reason),
        client_id: request.map(|request| request.program.id.clone()),
        operator_id: user_id,
        ..AuditEntry::default()
    };
    Ok(audit_refused(app, entry, peer).await?)
}
