//! Callers as extractors: a handler that names one cannot run without it.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use waxseal_protocol::ErrorCode;

use super::access_token;
use crate::{
    app::App,
    checkout::audit_refusal,
    http::{Peer, Problem, limit_caller},
    identity::{
        Caller, ClientToken, Operator, OperatorScope, Permission, Scope, TokenError,
        basic_credentials, check_operator, check_secret, oauth::Granted,
    },
    limits::Limit,
    store::{audit::AUTH_FAILED, client_auths, clients, operators},
};

/// The frame, by its client token.
pub(crate) struct Frame(pub(crate) ClientToken);

impl FromRequestParts<Arc<App>> for Frame {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let checked = bearer(parts).ok_or(TokenError::Invalid).and_then(|token| {
            ClientToken::verify(token, &app.keyring(), &app.public_origin, app.clock.now())
        });
        match checked {
            Ok(token) => Ok(Self(token)),
            Err(TokenError::Expired) => refuse(parts, app, ErrorCode::ClientTokenExpired).await,
            Err(TokenError::Invalid) => refuse(parts, app, ErrorCode::ClientTokenInvalid).await,
        }
    }
}

/// A merchant's server, by its credentials or an access token.
pub(crate) struct Server {
    caller: Caller,
    peer: Peer,
}

impl Server {
    /// The caller, if it may do that; if not, that it tried is in the security log.
    ///
    /// # Errors
    /// `forbidden`.
    pub(super) async fn with(self, app: &App, scope: Scope) -> Result<Caller, Problem> {
        if self.caller.may(scope) {
            return Ok(self.caller);
        }
        forbid(app, scope, &self.peer).await
    }
}

impl FromRequestParts<Arc<App>> for Server {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = match access_token::granted(parts, app).await? {
            Some(Granted::Server(caller)) => Some(caller),
            Some(Granted::Operator(_)) => None,
            None => with_secret(parts, app).await?,
        };
        match caller {
            Some(caller) => {
                limit_caller(parts, app, Limit::Client, &caller.client_id).await?;
                let Ok(peer) = Peer::from_request_parts(parts, app).await;
                Ok(Self { caller, peer })
            }
            None => refuse(parts, app, ErrorCode::Unauthenticated).await,
        }
    }
}

/// An operator, by its credentials or an access token.
pub(crate) struct Operating {
    operator: Operator,
    peer: Peer,
}

impl Operating {
    /// The operator and where the call came from, if it may do that; if not, that it tried is in the
    /// security log.
    ///
    /// # Errors
    /// `forbidden`.
    pub(super) async fn with(
        self,
        app: &App,
        scope: OperatorScope,
    ) -> Result<(Operator, Peer), Problem> {
        if self.operator.may(scope) {
            return Ok((self.operator, self.peer));
        }
        forbid(app, scope, &self.peer).await
    }
}

impl FromRequestParts<Arc<App>> for Operating {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let operator = match access_token::granted(parts, app).await? {
            Some(Granted::Operator(operator)) => Some(operator),
            Some(Granted::Server(_)) => None,
            None => operator_with_secret(parts, app).await?,
        };
        match operator {
            Some(operator) => {
                limit_caller(parts, app, Limit::Operator, &operator.id).await?;
                let Ok(peer) = Peer::from_request_parts(parts, app).await;
                Ok(Self { operator, peer })
            }
            None => refuse(parts, app, ErrorCode::Unauthenticated).await,
        }
    }
}

async fn with_secret(parts: &Parts, app: &App) -> Result<Option<Caller>, Problem> {
    let Some((id, secret)) = authorization(parts).and_then(basic_credentials) else {
        return Ok(None);
    };
    let found = app.store.read(move |connection| {
        // One that proves itself by a key or a certificate has no use for its secret.
        let other = client_auths::find(connection, &id)?;
        Ok(clients::find(connection, &id)?.filter(|_| other.is_none()))
    });
    Ok(check_secret(found.await?, &secret))
}

async fn operator_with_secret(parts: &Parts, app: &App) -> Result<Option<Operator>, Problem> {
    let Some((id, secret)) = authorization(parts).and_then(basic_credentials) else {
        return Ok(None);
    };
    let found = app
        .store
        .read(move |connection| operators::find(connection, &id));
    Ok(check_operator(found.await?, &secret))
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
    audit_refusal(app, AUTH_FAILED, code, None, &peer).await?;
    Err(code.into())
}

async fn forbid<T>(app: &App, scope: impl Permission, peer: &Peer) -> Result<T, Problem> {
    let code = ErrorCode::Forbidden;
    audit_refusal(app, "auth.forbidden", code, Some(scope.name()), peer).await?;
    Err(code.into())
}
