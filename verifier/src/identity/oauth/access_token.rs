//! Access tokens: JWTs of RFC 9068, ES256 under a keyring key, read by the verifier alone.

use std::borrow::Cow;

use jsonwebtoken::{Algorithm, Header, Validation, decode};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    keys::{Keyring, TokenKey},
    mode::Mode,
};

/// Seconds that a token lives.
pub(super) const LIFETIME_S: u32 = 15 * 60;
/// A token that would live longer is none of ours, whatever signed it: twice as long, so that verifiers of one
/// cluster still read each other's while a version that signs for longer is rolled out.
const MOST_LIFETIME_S: u64 = 30 * 60;
/// Seconds by which another verifier's clock may be ahead.
const LEEWAY_S: u64 = 60;
const TYP: &str = "at+jwt";

/// What has to come with a token (RFC 7800): a token that somebody else gets hold of is of no use.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Thumbprint of the key that DPoP proofs are signed with (RFC 9449 section 6.1).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub jkt: Option<String>,
    /// SHA-256 of the certificate that the connection was made with, base64url (RFC 8705 section 3.1).
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none", default)]
    pub certificate: Option<String>,
}

/// What is bound into a new token.
pub struct NewAccessToken<'t> {
    /// The verifier, which is also who the token is for.
    pub issuer: &'t str,
    /// The person, or the server itself.
    pub subject: &'t str,
    /// Who asked for it.
    pub client_id: &'t str,
    /// The merchant it acts for; an operator acts for none.
    pub merchant_id: Option<&'t str>,
    /// Space separated.
    pub scope: &'t str,
    /// What has to come with it.
    pub confirmation: Confirmation,
    /// The person's consent that it came of.
    pub grant_id: Option<&'t str>,
    /// Of a server's credentials, which generation it came of.
    pub credentials_generation: u64,
    /// When it is issued.
    pub issued_at: Timestamp,
    /// Names the token: `tok_…`.
    pub jti: &'t str,
}

/// A token whose signature, issuer, audience and time are right.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The person, or the server itself.
    pub subject: String,
    /// Who asked for it.
    pub client_id: String,
    /// The merchant it acts for.
    pub merchant_id: Option<String>,
    /// Space separated.
    pub scope: String,
    /// What has to come with it.
    pub confirmation: Confirmation,
    /// The person's consent that it came of.
    pub grant_id: Option<String>,
    /// Of a server's credentials, which generation it came of.
    pub credentials_generation: u64,
    /// When it was issued, in seconds since the Unix epoch.
    pub issued_s: u64,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_s: u64,
    /// Names the token.
    pub jti: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Claims<'c> {
    iss: Cow<'c, str>,
    aud: Cow<'c, str>,
    sub: Cow<'c, str>,
    client_id: Cow<'c, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    mid: Option<Cow<'c, str>>,
    scope: Cow<'c, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    cnf: Option<Confirmation>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    grant: Option<Cow<'c, str>>,
    /// Absent while it is none.
    #[serde(rename = "gen", skip_serializing_if = "is_first", default)]
    generation: u64,
    iat: u64,
    exp: u64,
    jti: Cow<'c, str>,
}

/// The mode whose keys sign what acts for a merchant; people of none sign under the live keys.
pub(super) fn mode_of(merchant_id: Option<&str>) -> Mode {
    merchant_id.map_or(Mode::Live, Mode::of_id)
}

impl NewAccessToken<'_> {
    /// Signs the token under `key`.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(self, key: &TokenKey) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            typ: Some(TYP.to_owned()),
            kid: Some(key.kid().to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        let is_bound = self.confirmation != Confirmation::default();
        let claims = Claims {
            iss: self.issuer.into(),
            aud: self.issuer.into(),
            sub: self.subject.into(),
            client_id: self.client_id.into(),
            mid: self.merchant_id.map(Into::into),
            scope: self.scope.into(),
            cnf: is_bound.then_some(self.confirmation),
            grant: self.grant_id.map(Into::into),
            generation: self.credentials_generation,
            iat: self.issued_at.seconds(),
            exp: self.issued_at.plus_seconds(LIFETIME_S.into()).seconds(),
            jti: self.jti.into(),
        };
        key.sign(&header, &claims)
    }
}

impl AccessToken {
    /// Id of the key that a token says it was signed with.
    pub(super) fn key_id(token: &str) -> Option<String> {
        jsonwebtoken::decode_header(token).ok()?.kid
    }

    /// Checks a token but for who it is for and what has to come with it; the reason where it is none.
    ///
    /// # Errors
    /// Why not, from a fixed list.
    pub fn verify(
        token: &str,
        keyring: &Keyring,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| "token_malformed")?;
        if header.typ.as_deref() != Some(TYP) {
            return Err("token_kind");
        }
        let named = header.kid.ok_or("token_key")?;
        let (mode, key) = Mode::ALL
            .into_iter()
            .find_map(|mode| Some((mode, keyring.of(mode).access_token_key_of(&named)?)))
            .ok_or("token_key")?;
        Self::verify_under(token, key, mode, issuer, now)
    }

    fn verify_under(
        token: &str,
        key: &TokenKey,
        mode: Mode,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[issuer]);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The library would ask the OS clock.
        validation.validate_exp = false;
        let claims = decode::<Claims<'static>>(token, key.verifying(), &validation)
            .map_err(|error| reason(&error))?
            .claims;
        let now = now.seconds();
        if claims.exp <= now {
            return Err("token_expired");
        }
        if claims.iat > now + LEEWAY_S || claims.exp.saturating_sub(claims.iat) > MOST_LIFETIME_S {
            return Err("token_lifetime");
        }
        if mode_of(claims.mid.as_deref()) != mode {
            return Err("token_mode");
        }
        Ok(Self {
            subject: claims.sub.into_owned(),
            client_id: claims.client_id.into_owned(),
            merchant_id: claims.mid.map(Cow::into_owned),
            scope: claims.scope.into_owned(),
            confirmation: claims.cnf.unwrap_or_default(),
            grant_id: claims.grant.map(Cow::into_owned),
            credentials_generation: claims.generation,
            issued_s: claims.iat,
            expires_s: claims.exp,
            jti: claims.jti.into_owned(),
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_first(generation: &u64) -> bool {
    *generation == 0
}

fn reason(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidAudience => "token_audience",
        ErrorKind::InvalidIssuer => "token_issuer",
        ErrorKind::InvalidSignature => "token_signature",
        _ => "token_malformed",
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    /// The private key of RFC 7515 appendix A.3.
    const KEY: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
    const ISSUER: &str = "https://console.example";
    /// Signed by another implementation (pyca/cryptography), at the second 1795000000.
    const PINNED: &str = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFUzI1NiIsImtpZCI6ImtleV90ZXN0XzAxIn0.eyJpc3MiOiJodHRwczovL2NvbnNvbGUu\
        ZXhhbXBsZSIsImF1ZCI6Imh0dHBzOi8vY29uc29sZS5leGFtcGxlIiwic3ViIjoidXNyXzEiLCJjbGllbnRfaWQiOiJhcHBfMSIs\
        Im1pZCI6Im1jaF90ZXN0XzEiLCJzY29wZSI6ImNhcmRzOnJlYWQgc2Vzc2lvbnM6cmVhZCIsImNuZiI6eyJqa3QiOiIwWmNPQ09S\
        Wk5ZeS1EV3BxcTMwalp5SkdIVE4wZDJIZ2xCVjN1aWd1QTRJIiwieDV0I1MyNTYiOiJBNER0TDJKbVVNaEFzdkpqNXRLeW42NFNx\
        em11WGJNckphMG43NjF5NXYwIn0sImdyYW50IjoiZ3J0XzEiLCJpYXQiOjE3OTUwMDAwMDAsImV4cCI6MTc5NTAwMDkwMCwianRp\
        IjoidG9rXzEifQ.4YBxz3pu2dchdVo2yjNMd_v6QzWlaQp99eaA62IAFoCKlSJdJ6EDyiWes4gF0oX7uLzjBNsifPRjveUvhHTIQ\
        w";

    fn read(now_s: i64) -> Result<AccessToken, &'static str> {
        let private = URL_SAFE_NO_PAD.decode(KEY).unwrap().try_into().unwrap();
        let key = TokenKey::new("key_test_01", &private).unwrap();
        let now = Timestamp::from_millis(now_s * 1000);
        AccessToken::verify_under(PINNED, &key, Mode::Test, ISSUER, now)
    }

    /// It is what other verifiers of a cluster have signed, of other versions too.
    #[test]
    fn a_pinned_token_is_read_for_ever() {
        assert_eq!(AccessToken::key_id(PINNED).as_deref(), Some("key_test_01"));
        let read_at = |now_s| read(now_s).map(|token| token.jti);
        let token = read(1_795_000_899).unwrap();
        assert_eq!(token.subject, "usr_1");
        assert_eq!(token.client_id, "app_1");
        assert_eq!(token.merchant_id.as_deref(), Some("mch_test_1"));
        assert_eq!(token.scope, "cards:read sessions:read");
        assert_eq!(token.grant_id.as_deref(), Some("grt_1"));
        assert_eq!(
            (token.issued_s, token.expires_s),
            (1_795_000_000, 1_795_000_900)
        );
        let confirmation = Confirmation {
            jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".to_owned()),
            certificate: Some("A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0".to_owned()),
        };
        assert_eq!(token.confirmation, confirmation);
        assert_eq!(read_at(1_795_000_000), Ok("tok_1".to_owned()));
        assert_eq!(read_at(1_795_000_900), Err("token_expired"));
        assert_eq!(read_at(1_794_999_939), Err("token_lifetime"));
    }
}
