//! Requests to the verifier, which is the frame's own origin.

use alloc::string::String;

use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waxseal_protocol::{
    ErrorCode,
    message::{SealingJwk, SessionView, SubmitResponse},
};
use web_sys::{AbortSignal, RequestInit, Response, window};

use super::json::Json;
use crate::object::object;

/// A phone in a tunnel gets this long; the person can then try again.
const TIMEOUT_MS: u32 = 30_000;

/// Reads the session that the client token names.
pub(super) fn session(client_token: &str) -> impl Future<Output = Result<SessionView, ErrorCode>> {
    let answer = ask("/v1/session", Some(client_token), None);
    async { answer.await?.session().ok_or(UNREADABLE) }
}

/// Reads the published sealing key of that id.
pub(super) fn sealing_jwk(kid: &str) -> impl Future<Output = Result<SealingJwk, ErrorCode>> {
    let answer = ask("/.well-known/jwks.json", None, None);
    async { answer.await?.sealing_jwk(kid).ok_or(ErrorCode::KeyUnknown) }
}

/// Sends a sealed card.
pub(super) async fn submit(
    client_token: &str,
    envelope: String,
) -> Result<SubmitResponse, ErrorCode> {
    let body = body(envelope).map_err(|_| ErrorCode::Internal)?;
    let answer = ask("/v1/session/card", Some(client_token), Some(&body));
    answer.await?.answer().ok_or(UNREADABLE)
}

/// A success that cannot be read comes from something else than the verifier.
const UNREADABLE: ErrorCode = ErrorCode::NetworkError;

/// Sends the request at once, so that two can be under way before either is awaited.
fn ask(
    path: &str,
    client_token: Option<&str>,
    body: Option<&JsValue>,
) -> impl Future<Output = Result<Json, ErrorCode>> + use<> {
    let options = options(client_token, body);
    let answer = window().map(|window| window.fetch_with_str_and_init(path, &options));
    async move {
        let answer = JsFuture::from(answer.ok_or(ErrorCode::Internal)?);
        let (is_ok, json) = read(answer).await.map_err(|_| ErrorCode::NetworkError)?;
        if is_ok {
            Ok(json)
        } else {
            Err(json.problem().unwrap_or(UNREADABLE))
        }
    }
}

/// [`waxseal_protocol::message::SubmitRequest`].
fn body(envelope: String) -> Result<JsValue, JsValue> {
    JSON::stringify(&object(&[("envelope", envelope.into())])).map(Into::into)
}

fn options(client_token: Option<&str>, body: Option<&JsValue>) -> RequestInit {
    let token = client_token.map_or_else(String::new, |token| ["Bearer ", token].concat());
    let headers = object(&[
        ("accept", "application/json".into()),
        ("authorization", token.into()),
        ("content-type", "application/json".into()),
    ]);
    object(&[
        ("method", if body.is_some() { "POST" } else { "GET" }.into()),
        ("headers", headers.into()),
        ("body", body.cloned().unwrap_or_default()),
        ("mode", "same-origin".into()),
        ("credentials", "omit".into()),
        ("cache", "no-store".into()),
        ("redirect", "error".into()),
        // Not the stricter no-referrer: with it, browsers send `Origin: null`, which the verifier
        // refuses.
        ("referrerPolicy", "strict-origin".into()),
        ("signal", AbortSignal::timeout_with_u32(TIMEOUT_MS).into()),
    ])
    .unchecked_into()
}

async fn read(answer: JsFuture) -> Result<(bool, Json), JsValue> {
    let response: Response = answer.await?.unchecked_into();
    let json = JsFuture::from(response.json()?).await?;
    Ok((response.ok(), Json(json)))
}
