//! The sealed card, from the frame.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderMap, header, request::Parts},
};
use waxseal_protocol::{
    ErrorCode,
    message::{SubmitRequest, SubmitResponse},
};

use crate::{
    app::App,
    challenge::MAX_TOKEN,
    checkout::{self, audit_refusal},
    http::{Misfit, MisfitReason, Peer, Problem, StrictJson},
    identity::ClientToken,
    interface::{About, Part, Sketch},
};

pub(crate) const SUBMIT: About = About {
    id: "submitCard",
    summary: "Submit a sealed card",
    codes: &[
        ErrorCode::AttemptsExhausted,
        ErrorCode::CardBrandNotAccepted,
        ErrorCode::CardBrandUnknown,
        ErrorCode::CardExpired,
        ErrorCode::CardNumberIncomplete,
        ErrorCode::CardNumberInvalid,
        ErrorCode::ClockSkew,
        ErrorCode::CvcInvalid,
        ErrorCode::EnvelopeInvalid,
        ErrorCode::EnvelopeReplayed,
        ErrorCode::ExpiryInvalid,
        ErrorCode::KeyRevoked,
        ErrorCode::KeyUnknown,
        ErrorCode::NameInvalid,
        ErrorCode::OriginMismatch,
        ErrorCode::PostalCodeInvalid,
        ErrorCode::SessionChanged,
        ErrorCode::SessionCompleted,
        ErrorCode::SessionExpired,
        ErrorCode::SessionMismatch,
        ErrorCode::TestCardInLiveMode,
    ],
};

/// A request that did not come from another page than the frame.
pub(crate) struct SameOrigin;

/// `POST /v1/session/card`
///
/// # Errors
/// See [`checkout::submit`].
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    _: SameOrigin,
    token: ClientToken,
    peer: Peer,
    StrictJson(request): StrictJson<SubmitRequest>,
) -> Result<Json<SubmitResponse>, Problem> {
    let challenge = request.challenge.as_deref();
    if challenge.is_some_and(|token| !is_token(token)) {
        return Err(Misfit::of("challenge", MisfitReason::Format).into());
    }
    let submitted = checkout::submit(&app, token, peer, &request.envelope, challenge);
    submitted.await.map(Json)
}

fn is_token(text: &str) -> bool {
    let is_printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(is_printable)
}

impl Part for SameOrigin {
    fn describe(sketch: &mut Sketch) {
        sketch.refuses(&[ErrorCode::OriginNotAllowed]);
    }
}

impl FromRequestParts<Arc<App>> for SameOrigin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        if is_same_origin(&parts.headers, &app.public_origin) {
            return Ok(Self);
        }
        let Ok(peer) = Peer::from_request_parts(parts, app).await;
        let code = ErrorCode::OriginNotAllowed;
        audit_refusal(app, "card.refused", code, None, &peer).await?;
        Err(code.into())
    }
}

/// Browsers send at least one of the two headers with a POST; other clients may send neither.
fn is_same_origin(headers: &HeaderMap, public_origin: &str) -> bool {
    let is = |name, wanted: &str| headers.get_all(name).iter().all(|value| value == wanted);
    is(header::ORIGIN.as_str(), public_origin) && is("sec-fetch-site", "same-origin")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn present_headers_must_be_the_frames() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            is_same_origin(&headers, "https://pay.example")
        };
        assert!(check(&[]));
        assert!(check(&[
            ("origin", "https://pay.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(!check(&[("origin", "https://shop.example")]));
        assert!(!check(&[("origin", "null")]));
        assert!(!check(&[("sec-fetch-site", "same-site")]));
        assert!(!check(&[
            ("origin", "https://pay.example"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!check(&[
            ("origin", "https://pay.example"),
            ("origin", "https://shop.example")
        ]));
    }
}
