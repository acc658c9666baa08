//! The console's pages: plain, without scripts, and with a policy that allows none.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use waxseal_protocol::ErrorCode;

use crate::{http::Problem, identity::oauth::AuthorizationRequest, store::users::User};

const STYLE: &str = include_str!("../../../templates/console.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; \
     frame-ancestors 'none'; form-action 'self'";

/// Asks who somebody is.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage<'p> {
    pub(super) program: &'p str,
    /// This page's own address, with the program's request.
    pub(super) here: &'p str,
    pub(super) csrf: &'p str,
    pub(super) failed: Option<Failed>,
    /// Where else one may sign in.
    pub(super) providers: Vec<&'p str>,
}

/// What did not sign somebody in.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Failed {
    /// An identity provider.
    Elsewhere,
    /// What was typed.
    Here,
}

impl SignInPage<'_> {
    fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    fn was_elsewhere(&self) -> bool {
        self.failed == Some(Failed::Elsewhere)
    }
}

/// Sends the browser on by itself. A redirect would not do: a page's policy goes for where its form is
/// redirected to as well, wherever an identity provider leads, and what another site redirects to gets no cookie.
#[derive(Template)]
#[template(path = "onward.html")]
pub(super) struct OnwardPage<'p> {
    /// Where to.
    pub(super) to: &'p str,
    /// What that is.
    pub(super) name: &'p str,
}

/// Asks whether a program may.
#[derive(Template)]
#[template(path = "consent.html")]
pub(super) struct ConsentPage<'p> {
    pub(super) program: &'p str,
    pub(super) person: &'p str,
    pub(super) here: &'p str,
    pub(super) csrf: &'p str,
    /// What each scope lets it do.
    pub(super) scopes: Vec<(&'p str, &'static str)>,
}

/// Says that there is nothing to ask.
#[derive(Template)]
#[template(path = "unanswerable.html")]
pub(super) struct UnanswerablePage;

/// `GET /oauth/style.css`
pub(crate) async fn style() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    (
        [kind, (header::CACHE_CONTROL, "public, max-age=3600")],
        STYLE,
    )
}

/// What a person reads of each scope that a request asks for and may get.
pub(super) fn described(granted: &str) -> Vec<(&str, &'static str)> {
    let names = granted.split(' ').filter(|name| !name.is_empty());
    names.map(|name| (name, meaning(name))).collect()
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        "cards:delete" => "Erase cards and customers",
        "cards:read" => "Read masked cards and customers",
        "cards:reveal" => "See card numbers",
        "clients:read" => "List merchants' clients",
        "clients:write" => "Make and change merchants' clients, and their secrets",
        "keys:read" => "List keys",
        "keys:write" => "Make, retire, revoke and destroy keys",
        "audit:read" => "Read the audit",
        "merchants:read" => "List merchants",
        "merchants:write" => "Make and change merchants",
        "metrics:read" => "Read metrics",
        "sessions:read" => "Read checkout sessions and decisions",
        "sessions:write" => "Create and change checkout sessions",
        _ => "Something that this version has no words for",
    }
}

/// A page, whose form may lead to `beyond` besides the verifier itself.
pub(super) fn page(
    status: StatusCode,
    page: &impl Template,
    beyond: Option<&str>,
) -> Result<Response, Problem> {
    let failed = |_| Problem::from(ErrorCode::Internal);
    let html = page
        .render()
        .map_err(|_| Problem::from(ErrorCode::Internal))?;
    let policy = beyond.map_or_else(|| POLICY.to_owned(), |beyond| format!("{POLICY} {beyond}"));
    let policy = HeaderValue::from_str(&policy).map_err(failed)?;
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    Ok(response)
}

/// The consent page of a request.
pub(super) fn consent(
    request: &AuthorizationRequest,
    user: &User,
    here: &str,
    csrf: &str,
) -> Result<Response, Problem> {
    let granted = request.grantable(user);
    let asks = ConsentPage {
        program: &request.program.name,
        person: &user.name,
        here,
        csrf,
        scopes: described(&granted),
    };
    page(StatusCode::OK, &asks, Some(&request.form_target()))
}
