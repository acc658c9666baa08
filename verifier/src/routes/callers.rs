//! Who calls: asked before a handler, and anything of the body, is reached.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use waxseal_protocol::ErrorCode;

use super::access_token;
use super::calling_client::calling_client;
use super::certificate_owner::may_come;
use super::first_use;
use super::unproved::Unproved;
use crate::{
    alerts::CalledBy,
    app::App,
    checkout::{audit_refusal, audit_refused},
    http::{Peer, Problem, limit_caller},
    identity::{
        Caller, ClientToken, Operator, Permission, TokenError, basic_credentials, check_operator,
        oauth::Granted,
    },
    interface::Access,
    limits::Limit,
    spans::within,
    store::{audit::AUTH_FAILED, operators},
};

/// Lets a request through to its handler if its caller may call the route; that somebody tried who may
/// not is in the security log.
pub(crate) async fn admit(
    State((app, access)): State<(Arc<App>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let checked = within("authenticate", check(&mut parts, &app, access)).await;
    let by = called_by(&parts);
    count(access, checked.as_ref().err());
    let mut response = match checked {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(by) = by {
        response.extensions_mut().insert(by);
    }
    response
}

/// How asking for the caller went, by who was asked for.
fn count(access: Access, problem: Option<&Problem>) {
    let caller = match access {
        Access::Anyone => return,
        Access::Frame => "frame",
        Access::Operator(_) => "operator",
        Access::Server(_) => "server",
    };
    let outcome = match problem.map(Problem::code) {
        None => "ok",
        Some(ErrorCode::Forbidden) => "forbidden",
        Some(ErrorCode::RateLimited) => "limited",
        Some(code) if code.http_status() < 500 => "refused",
        Some(_) => "failed",
    };
    let labels = [("caller", caller), ("outcome", outcome)];
    metrics::counter!("waxseal_authentications_total", &labels).increment(1);
}

/// For the outermost layer, which observes who calls.
fn called_by(parts: &Parts) -> Option<CalledBy> {
    let server = parts.extensions.get::<Caller>();
    let server = server.map(|caller| CalledBy::Server {
        client_id: caller.client_id.clone(),
        merchant_id: caller.merchant_id.clone(),
    });
    server.or_else(|| {
        let operator = parts.extensions.get::<Operator>();
        operator.map(|operator| CalledBy::Operator(operator.id.clone()))
    })
}

/// Leaves the caller for the handler to take.
async fn check(parts: &mut Parts, app: &Arc<App>, access: Access) -> Result<(), Problem> {
    match access {
        Access::Anyone => {}
        Access::Frame => {
            let token = frame(parts, app).await?;
            parts.extensions.insert(token);
        }
        Access::Operator(_) | Access::Server(_) if is_of_another_site(&parts.headers) => {
            return refuse(parts, app, ErrorCode::Forbidden).await;
        }
        Access::Operator(scope) => {
            let operator = operator(parts, app).await?;
            permit(operator.may(scope), scope, parts, app).await?;
            parts.extensions.insert(operator);
        }
        Access::Server(scope) => {
            let caller = server(parts, app).await?;
            permit(caller.may(scope), scope, parts, app).await?;
            parts.extensions.insert(caller);
        }
    }
    Ok(())
}

/// Whether a page of another site asks. A browser adds credentials that somebody once typed, or a certificate, by
/// itself (CSRF); servers and programs send neither header.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
    match sites.peek() {
        None => headers.contains_key(header::ORIGIN),
        Some(_) => sites.any(|site| site != "same-origin" && site != "none"),
    }
}

/// The frame, by its client token.
async fn frame(parts: &mut Parts, app: &Arc<App>) -> Result<ClientToken, Problem> {
    let checked = bearer(parts).ok_or(TokenError::Invalid).and_then(|token| {
        ClientToken::verify(token, &app.keyring(), &app.public_origin, app.clock.now())
    });
    match checked {
        Ok(token) => Ok(token),
        Err(TokenError::Expired) => refuse(parts, app, ErrorCode::ClientTokenExpired).await,
        Err(TokenError::Invalid) => refuse(parts, app, ErrorCode::ClientTokenInvalid).await,
    }
}

/// A merchant's server, by its certificate, its secret or an access token.
async fn server(parts: &mut Parts, app: &Arc<App>) -> Result<Caller, Problem> {
    let caller = match access_token::granted(parts, app).await? {
        // That the token was issued is in the audit.
        Some(Granted::Server(caller)) => Ok((caller, None)),
        Some(Granted::Operator(_)) => Err(Unproved::new("token_of_operator")),
        None => {
            let proved = calling_client(parts, app).await?;
            proved.map(|(client, by)| (Caller::from(client), Some(by)))
        }
    };
    match caller {
        Ok((caller, _)) if !may_come(parts, app, &caller.client_id).await? => {
            refuse_unproved(parts, app, Unproved::new("certificate_of_another")).await
        }
        Ok((caller, by)) => {
            let Ok(peer) = Peer::from_request_parts(parts, app).await;
            if !caller.may_call_from(peer.ip) {
                return refuse(parts, app, ErrorCode::AddressNotAllowed).await;
            }
            limit_caller(parts, app, Limit::Client, &caller.client_id).await?;
            if let Some(by) = by {
                first_use::log_server(parts, app, &caller, by).await?;
            }
            Ok(caller)
        }
        Err(unproved) => refuse_unproved(parts, app, unproved).await,
    }
}

/// An operator, by its credentials or an access token.
async fn operator(parts: &mut Parts, app: &Arc<App>) -> Result<Operator, Problem> {
    let operator = match access_token::granted(parts, app).await? {
        Some(Granted::Operator(operator)) => Ok((operator, false)),
        Some(Granted::Server(_)) => Err(Unproved::new("token_of_server")),
        None => operator_with_secret(parts, app)
            .await?
            .map(|operator| (operator, true)),
    };
    match operator {
        Ok((operator, _)) if !may_come(parts, app, &operator.id).await? => {
            refuse_unproved(parts, app, Unproved::new("certificate_of_another")).await
        }
        Ok((operator, has_secret)) => {
            limit_caller(parts, app, Limit::Operator, &operator.id).await?;
            if has_secret {
                first_use::log_operator(parts, app, &operator).await?;
            }
            Ok(operator)
        }
        Err(unproved) => refuse_unproved(parts, app, unproved).await,
    }
}

async fn operator_with_secret(
    parts: &Parts,
    app: &App,
) -> Result<Result<Operator, Unproved>, Problem> {
    let Some((id, secret)) = authorization(parts).and_then(basic_credentials) else {
        let reason = match parts.headers.contains_key(header::AUTHORIZATION) {
            true => "credentials_malformed",
            false => "credentials_missing",
        };
        return Ok(Err(Unproved::new(reason)));
    };
    let found = app
        .store
        .read(move |connection| operators::find(connection, &id));
    let found = found.await?;
    let reason = match &found {
        None => "operator_unknown",
        Some(operator) if operator.revoked_at.is_some() => "operator_revoked",
        Some(_) => "secret_wrong",
    };
    Ok(check_operator(found, &secret).ok_or(Unproved::new(reason)))
}

pub(super) fn authorization(parts: &Parts) -> Option<&str> {
    parts.headers.get(header::AUTHORIZATION)?.to_str().ok()
}

fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = authorization(parts)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

async fn refuse<T>(parts: &mut Parts, app: &Arc<App>, code: ErrorCode) -> Result<T, Problem> {
    let Ok(peer) = Peer::from_request_parts(parts, app).await;
    if let Some((id, _)) = authorization(parts).and_then(basic_credentials) {
        app.watch.failed_to_be(&id, app.clock.now());
    }
    audit_refusal(app, AUTH_FAILED, code, None, &peer).await?;
    Err(code.into())
}

async fn refuse_unproved<T>(
    parts: &mut Parts,
    app: &Arc<App>,
    unproved: Unproved,
) -> Result<T, Problem> {
    let Ok(peer) = Peer::from_request_parts(parts, app).await;
    let code = ErrorCode::Unauthenticated;
    let entry = unproved.entry(code);
    // Whom the entry names is counted with it.
    if let Some((id, _)) = authorization(parts)
        .and_then(basic_credentials)
        .filter(|_| entry.client_id.is_none())
    {
        app.watch.failed_to_be(&id, app.clock.now());
    }
    audit_refused(app, entry, &peer).await?;
    Err(code.into())
}

async fn permit(
    may: bool,
    scope: impl Permission,
    parts: &mut Parts,
    app: &Arc<App>,
) -> Result<(), Problem> {
    if may {
        return Ok(());
    }
    let Ok(peer) = Peer::from_request_parts(parts, app).await;
    let code = ErrorCode::Forbidden;
    audit_refusal(app, "auth.forbidden", code, Some(scope.name()), &peer).await?;
    let problem = Problem::from(code);
    Err(
        match access_token::insufficient_scope(parts, scope.name()) {
            Some(challenge) => problem.with_challenge(challenge),
            None => problem,
        },
    )
}

/// Takes what [`admit`] left. On a route that asks for another caller, or for none, there is nothing.
macro_rules! left_by_admit {
    ($caller:ty) => {
        impl<S: Sync> FromRequestParts<S> for $caller {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                let caller = parts.extensions.remove::<$caller>();
                caller.ok_or_else(|| ErrorCode::Internal.into())
            }
        }
    };
}

left_by_admit!(Caller);
left_by_admit!(ClientToken);
left_by_admit!(Operator);
