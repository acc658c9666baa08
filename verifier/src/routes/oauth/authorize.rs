//! A person signs in and says what a program may do (RFC 6749 section 4.1).
//!
//! All steps are at one address, which holds the program's request: nothing of it has to be kept. A page that
//! another site leads to gets no cookie (`SameSite=Strict`), so it has a link to itself that does.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use waxseal_protocol::ErrorCode;

use super::{
    callback,
    cookies::{self, FORM, SESSION, csrf, is_own_form},
    pages::{Failed, SignInPage, UnanswerablePage, consent, page},
};
use crate::{
    app::App,
    checkout::audit_refused,
    http::{FormBody, Peer, Problem},
    identity::{
        oauth::{AuthorizationRequest, NotAnswered, Parameters},
        people::{BrowserSession, SignIn, SignInFailure},
    },
    limits::CallerKey,
    store::audit::{AUTH_FAILED, AuditEntry},
};

/// `GET /oauth/authorize?…`
///
/// # Errors
/// When the store fails.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let request = match read(&app, &query).await? {
        Ok(request) => request,
        Err(answer) => return Ok(answer),
    };
    match signed_in(&app, &headers).await? {
        Some(session) => {
            let csrf = csrf(&session.handle.text);
            consent(&request, &session.user, &here(&query), &csrf)
        }
        None => sign_in_page(&app, &request, &query, &headers, None),
    }
}

/// `POST /oauth/authorize?…`, with `step`: `sign_in`, `elsewhere` (with `provider`), `allow`, `deny` or `sign_out`.
///
/// # Errors
/// `form_expired` for a form that is not ours, and when the store fails.
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    peer: Peer,
    headers: HeaderMap,
    FormBody(body): FormBody,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let request = match read(&app, &query).await? {
        Ok(request) => request,
        Err(answer) => return Ok(answer),
    };
    let form = form(&headers, &body)?;
    let session = signed_in(&app, &headers).await?;
    let cookie = match &session {
        Some(session) => Some(session.handle.text.as_str()),
        None => cookies::read(&headers, FORM),
    };
    let is_own = is_own_form(cookie, form.get("csrf"));
    match (form.get("step"), session) {
        // It was idle for too long, or signed in elsewhere meanwhile: the form is of before.
        (Some("allow" | "deny" | "sign_out"), None) | (Some("elsewhere" | "sign_in"), Some(_)) => {
            Ok(to(&here(&query)))
        }
        _ if !is_own => Err(ErrorCode::FormExpired.into()),
        (Some("sign_in"), None) => sign_in(&app, &request, &query, (&headers, peer), &form).await,
        (Some("elsewhere"), None) => {
            callback::depart(&app, &request, query, (&headers, &peer), &form).await
        }
        (Some("sign_out"), Some(session)) => sign_out(&app, session, &query).await,
        (Some("allow"), Some(session)) => allow(&app, &request, &query, &session, peer).await,
        (Some("deny"), Some(session)) => deny(&app, &request, &session, &peer).await,
        _ => Err(ErrorCode::RequestInvalid.into()),
    }
}

/// The program's request, or the answer to one that is put to nobody.
pub(super) async fn read(
    app: &App,
    query: &str,
) -> Result<Result<AuthorizationRequest, Response>, Problem> {
    let read = app.authorization.read_authorization(&app.store, query);
    match read.await {
        Ok(request) => Ok(Ok(request)),
        Err(NotAnswered::Back(uri)) => Ok(Err(to(&uri))),
        Err(NotAnswered::Store(error)) => Err(error.into()),
        Err(NotAnswered::Unanswerable(_)) => {
            page(StatusCode::BAD_REQUEST, &UnanswerablePage, None).map(Err)
        }
    }
}

async fn signed_in(app: &App, headers: &HeaderMap) -> Result<Option<BrowserSession>, Problem> {
    let Some(cookie) = cookies::read(headers, SESSION) else {
        return Ok(None);
    };
    let session = BrowserSession::find(&app.store, cookie, app.clock.now());
    Ok(session.await?)
}

pub(super) fn sign_in_page(
    app: &App,
    request: &AuthorizationRequest,
    query: &str,
    headers: &HeaderMap,
    failed: Option<Failed>,
) -> Result<Response, Problem> {
    let known = cookies::read(headers, FORM).map(str::to_owned);
    let is_new = known.is_none();
    let value = known.map_or_else(|| cookies::make_form_value(&*app.rng), Ok)?;
    let asks = SignInPage {
        program: &request.program.name,
        here: &here(query),
        csrf: &csrf(&value),
        failed,
        providers: app.identity_providers.names(),
    };
    let status = match failed.is_some() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let mut response = page(status, &asks, None)?;
    if is_new {
        let cookie = cookies::set(FORM, &value)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn sign_in(
    app: &App,
    request: &AuthorizationRequest,
    query: &str,
    (headers, peer): (&HeaderMap, Peer),
    form: &Parameters,
) -> Result<Response, Problem> {
    let text = |name| form.get(name).unwrap_or_default().to_owned();
    let given = SignIn {
        name: text("name"),
        password: text("password").into(),
        code: text("code").into(),
        address: *CallerKey::of_address(peer.ip).as_bytes(),
        request_id: peer.request_id.clone(),
    };
    let (sign_ins, keyring, now) = (&app.sign_ins, app.keyring(), app.clock.now());
    let signed_in = sign_ins.sign_in(&app.store, &keyring, given, now, &*app.rng);
    match signed_in.await {
        Ok(session) => {
            let mut response = to(&here(query));
            let cookie = cookies::set(SESSION, &session.handle.text)?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(SignInFailure::Store(error)) => Err(error.into()),
        Err(SignInFailure::Refused(reason, user_id)) => {
            let entry = AuditEntry {
                action: AUTH_FAILED,
                code: Some(ErrorCode::Unauthenticated.as_str()),
                reason: Some(reason),
                client_id: Some(request.program.id.clone()),
                operator_id: user_id,
                ..AuditEntry::default()
            };
            audit_refused(app, entry, &peer).await?;
            sign_in_page(app, request, query, headers, Some(Failed::Here))
        }
    }
}

async fn sign_out(app: &App, session: BrowserSession, query: &str) -> Result<Response, Problem> {
    session.end(&app.store).await?;
    let mut response = to(&here(query));
    let cookie = cookies::expire(SESSION)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn allow(
    app: &App,
    request: &AuthorizationRequest,
    query: &str,
    session: &BrowserSession,
    peer: Peer,
) -> Result<Response, Problem> {
    if request.grantable(&session.user).is_empty() {
        return deny(app, request, session, &peer).await;
    }
    let now = app.clock.now();
    let allowed = app.authorization.allow(
        &app.store,
        request,
        session,
        peer.request_id,
        now,
        &*app.rng,
    );
    // Who is signed in no longer is asked to, at the same address.
    Ok(to(&allowed.await?.unwrap_or_else(|| here(query))))
}

async fn deny(
    app: &App,
    request: &AuthorizationRequest,
    session: &BrowserSession,
    peer: &Peer,
) -> Result<Response, Problem> {
    let entry = AuditEntry {
        action: "consent.denied",
        client_id: Some(request.program.id.clone()),
        operator_id: Some(session.user.id.clone()),
        merchant_id: session.user.merchant_id.clone(),
        ..AuditEntry::default()
    };
    audit_refused(app, entry, peer).await?;
    Ok(to(&app.authorization.deny(request)))
}

/// The form, unless the browser says that another site has sent it.
fn form(headers: &HeaderMap, body: &Bytes) -> Result<Parameters, Problem> {
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return Err(ErrorCode::FormExpired.into());
    }
    Parameters::parse(body).map_err(|_| ErrorCode::RequestInvalid.into())
}

pub(super) fn here(query: &str) -> String {
    format!("/oauth/authorize?{query}")
}

/// 303: whatever the form held goes no further (RFC 9700 section 4.12).
fn to(uri: &str) -> Response {
    match HeaderValue::from_str(uri) {
        Ok(uri) => (StatusCode::SEE_OTHER, [(header::LOCATION, uri)]).into_response(),
        Err(_) => Problem::from(ErrorCode::RequestInvalid).into_response(),
    }
}
