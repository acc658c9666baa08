//! From the bytes of an envelope to a card that may be stored.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use waxseal_protocol::{
    ErrorCode,
    seal::{Envelope, Header, SealedCard},
};

use super::MAX_CLOCK_SKEW_S;
use crate::{app::App, clock::Timestamp, identity::ClientToken, keys::SealingKeyPair, spans};

/// Why an envelope is refused, and whether it counts as an attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Refusal {
    /// The public code.
    pub(super) code: ErrorCode,
    /// For the security log, from a fixed list.
    pub(super) reason: Option<&'static str>,
    /// Whether it opened, or failed to open: both count.
    pub(super) is_attempt: bool,
    /// Of an envelope that opened.
    pub(super) jti: Option<[u8; 16]>,
}

/// An envelope that opened.
pub(super) struct Opened {
    /// Its header, checked against the token and the clock.
    pub(super) header: Header,
    /// The header's `jti`.
    pub(super) jti: [u8; 16],
    /// What was sealed.
    pub(super) card: SealedCard,
}

/// Checks the header against the client token and the clock, then opens.
pub(super) fn open(
    app: &App,
    token: &ClientToken,
    compact: &str,
    now: Timestamp,
) -> Result<Opened, Refusal> {
    let invalid = |reason| Refusal {
        code: ErrorCode::EnvelopeInvalid,
        reason: Some(reason),
        is_attempt: true,
        jti: None,
    };
    let envelope = Envelope::parse(compact).map_err(|error| invalid(error.as_str()))?;
    let header = envelope.header().clone();
    let key = check_header(app, token, &header, now).map_err(|code| Refusal {
        code,
        reason: None,
        is_attempt: false,
        jti: None,
    })?;
    let opening = spans::child("open");
    let plaintext = key.open(envelope);
    drop(opening);
    let plaintext = plaintext.map_err(|_| invalid("open"))?;
    let mut jti = [0; 16];
    let Ok(16) = URL_SAFE_NO_PAD.decode_slice(&header.jti, &mut jti) else {
        return Err(invalid("header"));
    };
    match SealedCard::parse(&plaintext) {
        Ok(card) => Ok(Opened { header, jti, card }),
        Err(error) => Err(Refusal {
            jti: Some(jti),
            ..invalid(error.as_str())
        }),
    }
}

/// The header is readable by all, so its refusals may say what is wrong; nothing was opened yet.
fn check_header(
    app: &App,
    token: &ClientToken,
    header: &Header,
    now: Timestamp,
) -> Result<Arc<SealingKeyPair>, ErrorCode> {
    if header.sid != token.session_id {
        return Err(ErrorCode::SessionMismatch);
    }
    if header.org != token.origin {
        return Err(ErrorCode::OriginMismatch);
    }
    if header.iat.abs_diff(now.seconds()) > MAX_CLOCK_SKEW_S {
        return Err(ErrorCode::ClockSkew);
    }
    if header.kid != token.sealing_kid {
        return Err(ErrorCode::KeyUnknown);
    }
    let keys = app.keys_of(token.mode);
    let key = keys.sealing(&header.kid).ok_or(ErrorCode::KeyUnknown)?;
    if key.opens(now, app.key_policy.grace_s) {
        Ok(Arc::clone(key))
    } else {
        Err(ErrorCode::KeyRevoked)
    }
}
