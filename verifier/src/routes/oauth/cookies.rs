//! The console's three cookies, and the value in each form that only a page of ours can know.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use crate::{
    http::Problem,
    rng::{Rng, RngError},
};

/// Holds the session of somebody who has signed in.
pub(super) const SESSION: &str = "__Host-waxseal-session";
/// Holds a random value, so that the form to sign in is no more forgeable than any other.
pub(super) const FORM: &str = "__Host-waxseal-form";

/// Holds by what a browser is known again that was sent to an identity provider, which is another site: this
/// one alone comes along when that one sends the browser back.
pub(super) const DEPARTED: &str = "__Host-waxseal-departed";

const STRICT: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";
const LAX: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The value of a cookie, if the browser sent it once.
pub(super) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    let pairs = lines.filter_map(|line| line.to_str().ok());
    let pairs = pairs.flat_map(|line| line.split(';'));
    let mut found = pairs.filter_map(|pair| {
        let (other, value) = pair.trim().split_once('=')?;
        (other == name).then_some(value)
    });
    let value = found.next()?;
    found.next().is_none().then_some(value)
}

/// `Set-Cookie` for a cookie that goes when the browser closes. `value` is ASCII.
///
/// # Errors
/// When it is not.
pub(super) fn set(name: &str, value: &str) -> Result<HeaderValue, Problem> {
    line(&format!("{name}={value}; {}", attributes(name)))
}

/// `Set-Cookie` that takes a cookie away.
///
/// # Errors
/// When its name is not ASCII.
pub(super) fn expire(name: &str) -> Result<HeaderValue, Problem> {
    line(&format!("{name}=; {}; Max-Age=0", attributes(name)))
}

fn attributes(name: &str) -> &'static str {
    match name {
        DEPARTED => LAX,
        _ => STRICT,
    }
}

fn line(cookie: &str) -> Result<HeaderValue, Problem> {
    let mut cookie = HeaderValue::from_str(cookie)
        .map_err(|_| Problem::from(waxseal_protocol::ErrorCode::Internal))?;
    cookie.set_sensitive(true);
    Ok(cookie)
}

/// A value for [`FORM`].
pub(super) fn make_form_value(rng: &dyn Rng) -> Result<String, RngError> {
    Ok(URL_SAFE_NO_PAD.encode(rng.array::<32>()?))
}

/// What a form of a browser with this cookie has to bring. No other site can read the cookie, and its prefix
/// keeps every other host from writing it.
pub(super) fn csrf(cookie: &str) -> String {
    let input = [b"waxseal csrf 1:", cookie.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(digest(&SHA256, &input))
}

/// Whether a form brought what it has to.
pub(super) fn is_own_form(cookie: Option<&str>, given: Option<&str>) -> bool {
    let wanted = cookie.map(csrf).unwrap_or_default();
    let same: bool = given
        .unwrap_or_default()
        .as_bytes()
        .ct_eq(wanted.as_bytes())
        .into();
    cookie.is_some() && same
}
