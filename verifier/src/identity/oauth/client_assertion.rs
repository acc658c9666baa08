//! A server's own signature in the place of a secret: `private_key_jwt` (RFC 7523 section 3).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, JwkSet},
};
use serde::Deserialize;

use crate::{clock::Timestamp, lengths::LengthPrefixed};

/// The one `client_assertion_type`.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Signatures that are taken.
pub(super) const ALGORITHMS: [&str; 2] = ["ES256", "PS256"];
/// Shortest modulus (NIST SP 800-131A).
pub(in crate::identity) const LEAST_RSA_BITS: u64 = 2048;
/// Longest life of an assertion, in seconds, with what clocks may differ by.
const MOST_LIFETIME_S: u64 = 60 * 60 + 60;

/// An assertion that is good, unless it was used before.
pub(super) struct Assertion {
    /// Stands for client and `jti`.
    pub(super) digest: [u8; 32],
    /// Second after which it is refused for its age.
    pub(super) until_s: u64,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: u64,
    jti: String,
}

#[derive(Deserialize)]
struct Named {
    sub: String,
}

/// The client that an assertion says it is of, before anything is checked.
pub(super) fn client_id(assertion: &str) -> Option<String> {
    let unchecked = jsonwebtoken::dangerous::insecure_decode::<Named>(assertion);
    unchecked.ok().map(|data| data.claims.sub)
}

/// Public keys that a client may be registered with: P-256, or RSA of 2048 bits at least, and no private
/// part of them.
pub(super) fn parse_jwks(text: &str) -> Option<JwkSet> {
    let raw: serde_json::Value = serde_json::from_str(text).ok()?;
    let private = ["d", "p", "q", "dp", "dq", "qi", "k"];
    let is_public = |key: &serde_json::Value| private.iter().all(|part| key.get(part).is_none());
    if !raw.get("keys")?.as_array()?.iter().all(is_public) {
        return None;
    }
    let keys: JwkSet = serde_json::from_value(raw).ok()?;
    let is_taken = |key: &jsonwebtoken::jwk::Jwk| match &key.algorithm {
        AlgorithmParameters::EllipticCurve(curve) => curve.curve == EllipticCurve::P256,
        AlgorithmParameters::RSA(rsa) => bits(&rsa.n) >= Some(LEAST_RSA_BITS),
        _ => false,
    };
    let is_set = !keys.keys.is_empty() && keys.keys.len() <= 8;
    (is_set && keys.keys.iter().all(is_taken)).then_some(keys)
}

/// Length of a big-endian number in base64url, zeros before it left out.
pub(in crate::identity) fn bits(number: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(number).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let first = bytes.get(zeros)?;
    let whole = u64::try_from(bytes.len() - zeros).ok()? * 8;
    Some(whole - u64::from(first.leading_zeros()))
}

/// Checks an assertion of `client`, but for whether it was used before.
///
/// # Errors
/// Why not, from a fixed list.
pub(super) fn verify(
    assertion: &str,
    client: &str,
    jwks: &JwkSet,
    audiences: &[String],
    now: Timestamp,
) -> Result<Assertion, &'static str> {
    let header = decode_header(assertion).map_err(|_| "assertion_malformed")?;
    if !matches!(header.alg, Algorithm::ES256 | Algorithm::PS256) {
        return Err("assertion_algorithm");
    }
    let mut validation = Validation::new(header.alg);
    validation.set_audience(audiences);
    validation.set_issuer(&[client]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    validation.validate_exp = false;
    let is_named = |kid: &Option<String>| header.kid.is_none() || *kid == header.kid;
    let named = jwks.keys.iter().filter(|key| is_named(&key.common.key_id));
    let mut refused = "assertion_signature";
    let claims = named
        .filter_map(|key| DecodingKey::from_jwk(key).ok())
        .find_map(|key| match decode::<Claims>(assertion, &key, &validation) {
            Ok(data) => Some(data.claims),
            Err(error) => {
                refused = signed_but(error.kind()).unwrap_or(refused);
                None
            }
        });
    let claims = claims.ok_or(refused)?;
    let now = now.seconds();
    if claims.exp <= now {
        return Err("assertion_expired");
    }
    if claims.exp - now > MOST_LIFETIME_S {
        return Err("assertion_lifetime");
    }
    if claims.iss != client || claims.sub != client || claims.jti.is_empty() {
        return Err("assertion_subject");
    }
    let named = LengthPrefixed::default()
        .part(b"client_assertion")
        .part(client.as_bytes())
        .part(claims.jti.as_bytes());
    let mut stands_for = [0; 32];
    stands_for.copy_from_slice(digest(&SHA256, &named.into_bytes()).as_ref());
    Ok(Assertion {
        digest: stands_for,
        until_s: claims.exp,
    })
}

/// What is wrong with an assertion whose signature is good: that is looked at before any of these.
const fn signed_but(kind: &ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::InvalidAudience => Some("assertion_audience"),
        ErrorKind::InvalidIssuer => Some("assertion_subject"),
        ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::Json(_)
        | ErrorKind::MissingRequiredClaim(_) => Some("assertion_malformed"),
        _ => None,
    }
}
