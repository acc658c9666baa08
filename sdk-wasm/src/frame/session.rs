//! The session that the card will belong to, checked before a field is shown.

use alloc::string::String;

use js_sys::{Date, Reflect};
use waxseal_protocol::{
    ErrorCode,
    message::SessionView,
    seal::{SealError, SealingKey},
};
use web_sys::window;

use super::{clock::ServerClock, json::Json, verifier};
use crate::bridge::claims::{Claims, payload};

/// A session whose origin, id and key are those that the client token names.
pub(super) struct Session {
    pub(super) view: SessionView,
    pub(super) key: SealingKey,
    pub(super) clock: ServerClock,
    pub(super) client_token: String,
}

impl Session {
    /// Reads the session of a client token and its sealing key.
    ///
    /// `origin` is the page's, as the browser gave it with the hello; `id` is what the document's URL
    /// names. The key's thumbprint is computed anew: a key that somebody else put into the answer is
    /// refused.
    pub(super) async fn open(
        client_token: String,
        origin: &str,
        id: &str,
    ) -> Result<Self, ErrorCode> {
        let claims = claims(&client_token).ok_or(ErrorCode::ClientTokenInvalid)?;
        claims.check(origin, id)?;
        let (view, jwk) = (
            verifier::session(&client_token),
            verifier::sealing_jwk(&claims.kid),
        );
        let (mut view, jwk) = (view.await?, jwk.await?);
        if view.origin != origin {
            return Err(ErrorCode::OriginMismatch);
        }
        if view.id != id {
            return Err(ErrorCode::SessionMismatch);
        }
        if view.kid != claims.kid {
            return Err(ErrorCode::KeyMismatch);
        }
        if asks_for_privacy() {
            view.signals = view.signals.lesser(view.signals_under_gpc);
        }
        let key = SealingKey::from_jwk(&jwk, &view.kid).map_err(SealError::code)?;
        let clock = ServerClock::new(view.now, local_s());
        Ok(Self {
            view,
            key,
            clock,
            client_token,
        })
    }
}

/// Whether the customer switched Global Privacy Control on. The verifier sees the header that most such
/// browsers send; of some extensions only this property.
fn asks_for_privacy() -> bool {
    let navigator = window().map(|window| window.navigator());
    let control = navigator
        .and_then(|navigator| Reflect::get(&navigator, &"globalPrivacyControl".into()).ok());
    control.is_some_and(|control| control.is_truthy())
}

fn claims(client_token: &str) -> Option<Claims> {
    let json = window()?.atob(&payload(client_token)?).ok()?;
    Json::parse(&json)?.claims()
}

/// The local clock, in seconds since the Unix epoch.
pub(super) fn local_s() -> u64 {
    // The clock is positive and far below the bounds of the type.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = (Date::now() / 1_000.0) as u64;
    seconds
}
