//! Client tokens: what lets one frame submit one sealed card for one session.
//!
//! A JWT (RFC 7519), HS256 under a keyring key, issued and read by the verifier alone. It never
//! appears in a URL.

use std::borrow::Cow;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    keys::{Keyring, ModeKeys},
    mode::Mode,
};

const AUDIENCE: &str = "frame";
const SCOPE: &str = "card:seal";

/// Why a token is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenError {
    /// Its time is over.
    Expired,
    /// It is not one of ours, or not for this.
    Invalid,
}

/// What is bound into a new token.
pub struct NewClientToken<'t> {
    /// The verifier's public origin.
    pub issuer: &'t str,
    /// The session.
    pub session_id: &'t str,
    /// The session's merchant.
    pub merchant_id: &'t str,
    /// The one origin that may mount the frame.
    pub origin: &'t str,
    /// Thumbprint of the key to seal to.
    pub sealing_kid: &'t str,
    /// When it is issued.
    pub issued_at: Timestamp,
    /// Seconds that it lives.
    pub ttl_s: u32,
    /// Names the token.
    pub jti: &'t str,
}

/// A checked token.
#[derive(Clone, Debug)]
pub struct ClientToken {
    /// The session.
    pub session_id: String,
    /// The session's merchant.
    pub merchant_id: String,
    /// The session's mode.
    pub mode: Mode,
    /// The one origin that may mount the frame.
    pub origin: String,
    /// Thumbprint of the key to seal to.
    pub sealing_kid: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Claims<'c> {
    iss: Cow<'c, str>,
    aud: Cow<'c, str>,
    sub: Cow<'c, str>,
    mid: Cow<'c, str>,
    org: Cow<'c, str>,
    kid: Cow<'c, str>,
    iat: u64,
    exp: u64,
    jti: Cow<'c, str>,
    scope: Cow<'c, str>,
}

impl NewClientToken<'_> {
    /// When the token will expire.
    pub fn expires_at(&self) -> Timestamp {
        self.issued_at.plus_seconds(self.ttl_s.into())
    }

    /// Signs the token: the same members give the same token.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] when signing fails.
    pub fn sign(&self, keys: &ModeKeys) -> Result<String, TokenError> {
        let (key_id, key) = keys.signing_key().ok_or(TokenError::Invalid)?;
        let header = Header {
            kid: Some(key_id.to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        let claims = Claims {
            iss: self.issuer.into(),
            aud: AUDIENCE.into(),
            sub: self.session_id.into(),
            mid: self.merchant_id.into(),
            org: self.origin.into(),
            kid: self.sealing_kid.into(),
            iat: self.issued_at.seconds(),
            exp: self.expires_at().seconds(),
            jti: self.jti.into(),
            scope: SCOPE.into(),
        };
        encode(&header, &claims, &EncodingKey::from_secret(key)).map_err(|_| TokenError::Invalid)
    }
}

impl ClientToken {
    /// Checks signature, audience, issuer, scope and time.
    ///
    /// # Errors
    /// [`TokenError`], telling an expired token from all others.
    pub fn verify(
        token: &str,
        keyring: &Keyring,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Self, TokenError> {
        let named = jsonwebtoken::decode_header(token)
            .ok()
            .and_then(|header| header.kid);
        let named = named.ok_or(TokenError::Invalid)?;
        let (mode, key) = Mode::ALL
            .into_iter()
            .find_map(|mode| Some((mode, keyring.of(mode).verification_key(&named)?)))
            .ok_or(TokenError::Invalid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library would ask the OS clock.
        validation.validate_exp = false;
        let key = DecodingKey::from_secret(key);
        let claims = decode::<Claims<'static>>(token, &key, &validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        if claims.scope != SCOPE || !claims.sub.starts_with(&mode.id_prefix("cs")) {
            return Err(TokenError::Invalid);
        }
        if claims.exp <= now.seconds() {
            return Err(TokenError::Expired);
        }
        Ok(Self {
            session_id: claims.sub.into_owned(),
            merchant_id: claims.mid.into_owned(),
            mode,
            origin: claims.org.into_owned(),
            sealing_kid: claims.kid.into_owned(),
        })
    }
}
