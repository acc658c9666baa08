//! What an issuer says of somebody who has signed in there, checked step by step (OpenID Connect Core
//! section 3.1.3.7).

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header, jwk::Jwk};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::clock::Timestamp;

/// What clocks may differ by, in seconds.
const LEEWAY_S: u64 = 60;
/// Seconds that a token of before is good for at most, whatever it says.
const MOST_AGE_S: u64 = 10 * 60;
/// Seconds since somebody proved themselves to the issuer, at most (PCI DSS 4.0.1, 8.2.8).
pub(super) const MOST_AUTHENTICATION_AGE_S: u64 = 15 * 60;
/// Longest subject (section 2).
const MAX_SUBJECT: usize = 255;

/// What a token has to say.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e str,
    pub(super) client_id: &'e str,
    pub(super) nonce: &'e str,
    pub(super) require_amr: &'e [String],
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: u64,
    iat: u64,
    nbf: Option<u64>,
    auth_time: Option<u64>,
    nonce: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The header of a token that may be looked at: `alg` is one of four, none of which a public key could be
/// taken for the secret of.
///
/// # Errors
/// Why not, from a fixed list.
pub(super) fn header(token: &str) -> Result<Header, &'static str> {
    let header = decode_header(token).map_err(|_| "id_token_malformed")?;
    // RFC 7515 section 4.1.11: no extension is understood.
    if header.crit.is_some() {
        return Err("id_token_malformed");
    }
    let is_taken = matches!(
        header.alg,
        Algorithm::ES256 | Algorithm::RS256 | Algorithm::PS256 | Algorithm::EdDSA
    );
    match is_taken {
        true => Ok(header),
        false => Err("id_token_algorithm"),
    }
}

/// The subject of a token that one of `keys` has signed.
///
/// # Errors
/// Why not, from a fixed list.
pub(super) fn verify(
    token: &str,
    algorithm: Algorithm,
    keys: &[Jwk],
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<String, &'static str> {
    // Each claim is looked at below: the library would ask the OS clock, and take one audience of several.
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims::<&str>(&[]);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let mut keys = keys
        .iter()
        .filter_map(|key| DecodingKey::from_jwk(key).ok());
    let claims = keys.find_map(|key| decode::<Claims>(token, &key, &validation).ok());
    let claims = claims.ok_or("id_token_signature")?.claims;
    check(&claims, expected, now.seconds())?;
    Ok(claims.sub)
}

fn check(claims: &Claims, expected: &Expected<'_>, now_s: u64) -> Result<(), &'static str> {
    // Step 2.
    if claims.iss != expected.issuer {
        return Err("id_token_issuer");
    }
    // Steps 3 to 5. Nobody else is trusted with it, so it is for nobody else.
    let audience = match &claims.aud {
        Audience::One(one) => Some(one),
        Audience::Many(all) => all.first().filter(|_| all.len() == 1),
    };
    let is_own = |id: &String| id == expected.client_id;
    if !audience.is_some_and(is_own) || !claims.azp.as_ref().is_none_or(is_own) {
        return Err("id_token_audience");
    }
    // Steps 9 and 10.
    if claims.exp <= now_s {
        return Err("id_token_expired");
    }
    let is_of_later = |at: u64| at > now_s + LEEWAY_S;
    let is_old = now_s.saturating_sub(claims.iat) > MOST_AGE_S;
    if is_of_later(claims.iat) || claims.nbf.is_some_and(is_of_later) || is_old {
        return Err("id_token_lifetime");
    }
    // Step 11.
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err("id_token_nonce");
    }
    // Step 13: `max_age` was asked for.
    let age_s = claims.auth_time.map(|at| now_s.saturating_sub(at));
    if age_s.is_none_or(|age_s| age_s > MOST_AUTHENTICATION_AGE_S + LEEWAY_S) {
        return Err("id_token_auth_time");
    }
    let is_second_factor = |way: &String| expected.require_amr.contains(way);
    if !claims.amr.iter().any(is_second_factor) {
        return Err("second_factor");
    }
    let is_text = claims.sub.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match is_text && (1..=MAX_SUBJECT).contains(&claims.sub.len()) {
        true => Ok(()),
        false => Err("id_token_subject"),
    }
}
