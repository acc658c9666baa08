//! The keys that an issuer signs with, as it publishes them, and which of them may have signed a token.

use axum::http::StatusCode;
use jsonwebtoken::{
    Algorithm, Header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

use super::metadata::BOUNDS;
use crate::{
    clock::Timestamp,
    identity::oauth::{LEAST_RSA_BITS, rsa_bits},
    outbound::{Call, Destination, Outbound},
};

/// Seconds for which keys are taken for the issuer's.
const FRESH_S: i64 = 60 * 60;
/// Seconds between two fetches: who sends tokens with made up ids has the issuer asked no more often.
const PAUSE_S: i64 = 60;

/// An issuer's keys, fetched when they are needed.
#[derive(Default)]
pub(super) struct IssuerKeys {
    keys: Vec<Jwk>,
    fetched_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl IssuerKeys {
    /// The keys that may have signed a token with this header. They are fetched again when they are old, or
    /// when none is called so.
    ///
    /// # Errors
    /// Why there are none, from a fixed list.
    pub(super) async fn of(
        &mut self,
        header: &Header,
        outbound: &Outbound,
        jwks_uri: &Destination,
        now: Timestamp,
    ) -> Result<Vec<Jwk>, &'static str> {
        let is_within = |at: Option<Timestamp>, s| at.is_some_and(|at| now < at.plus_seconds(s));
        let is_fresh = is_within(self.fetched_at, FRESH_S);
        let found = self.fitting(header);
        if is_fresh && !found.is_empty() {
            return Ok(found);
        }
        if is_within(self.tried_at, PAUSE_S) {
            return Err("id_token_key");
        }
        self.tried_at = Some(now);
        self.keys = fetch(outbound, jwks_uri).await?;
        self.fetched_at = Some(now);
        let found = self.fitting(header);
        match found.is_empty() {
            true => Err("id_token_key"),
            false => Ok(found),
        }
    }

    /// OpenID Connect Core section 10.1: where there are several, the token has to say which.
    fn fitting(&self, header: &Header) -> Vec<Jwk> {
        let is_named = |key: &&Jwk| header.kid.is_none() || key.common.key_id == header.kid;
        let keys = self.keys.iter().filter(is_named);
        let keys: Vec<_> = keys.filter(|key| fits(key, header.alg)).cloned().collect();
        match header.kid.is_none() && keys.len() > 1 {
            true => vec![],
            false => keys,
        }
    }
}

async fn fetch(outbound: &Outbound, jwks_uri: &Destination) -> Result<Vec<Jwk>, &'static str> {
    let answer = outbound.call(Call::get(jwks_uri.clone()), BOUNDS).await;
    let answer = answer.map_err(|_| "provider_unreachable")?;
    if answer.status != StatusCode::OK {
        return Err("provider_keys");
    }
    read(&answer.body).ok_or("provider_keys")
}

/// Keys of a kind that is not known are passed over (RFC 7517 section 5).
fn read(body: &[u8]) -> Option<Vec<Jwk>> {
    let set: KeySet = serde_json::from_slice(body).ok()?;
    let keys = set.keys.into_iter();
    Some(
        keys.filter_map(|key| serde_json::from_value(key).ok())
            .collect(),
    )
}

/// A key is for one kind of signature: what it is decides, never the token's word alone.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let (is_kind, named) = match (algorithm, &key.algorithm) {
        (Algorithm::ES256, AlgorithmParameters::EllipticCurve(curve)) => {
            (curve.curve == EllipticCurve::P256, KeyAlgorithm::ES256)
        }
        (Algorithm::EdDSA, AlgorithmParameters::OctetKeyPair(pair)) => {
            (pair.curve == EllipticCurve::Ed25519, KeyAlgorithm::EdDSA)
        }
        (Algorithm::PS256, AlgorithmParameters::RSA(rsa)) => (
            rsa_bits(&rsa.n) >= Some(LEAST_RSA_BITS),
            KeyAlgorithm::PS256,
        ),
        (Algorithm::RS256, AlgorithmParameters::RSA(rsa)) => (
            rsa_bits(&rsa.n) >= Some(LEAST_RSA_BITS),
            KeyAlgorithm::RS256,
        ),
        _ => return false,
    };
    let common = &key.common;
    let is_for_signatures = common
        .public_key_use
        .as_ref()
        .is_none_or(|usage| *usage == PublicKeyUse::Signature);
    is_kind && is_for_signatures && common.key_algorithm.is_none_or(|own| own == named)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_for_the_signatures_of_its_kind() {
        let p256 = json!({
            "kty": "EC", "crv": "P-256", "kid": "a",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        let short =
            json!({ "kty": "RSA", "kid": "r", "e": "AQAB", "n": format!("{}8", "_".repeat(170)) });
        let long =
            json!({ "kty": "RSA", "kid": "r", "e": "AQAB", "n": format!("{}w", "_".repeat(341)) });
        let secret = json!({ "kty": "oct", "kid": "s", "k": "AAAA" });
        let with = |key: &Value, name: &str, value: &str| {
            let mut key = key.clone();
            key[name] = json!(value);
            key
        };
        for (key, algorithm, wanted) in [
            (p256.clone(), Algorithm::ES256, true),
            (with(&p256, "use", "sig"), Algorithm::ES256, true),
            (with(&p256, "use", "enc"), Algorithm::ES256, false),
            (with(&p256, "alg", "ES384"), Algorithm::ES256, false),
            (p256.clone(), Algorithm::HS256, false),
            (p256, Algorithm::RS256, false),
            (long.clone(), Algorithm::RS256, true),
            (with(&long, "alg", "PS256"), Algorithm::RS256, false),
            (long.clone(), Algorithm::PS256, true),
            (long.clone(), Algorithm::RS512, false),
            (long, Algorithm::HS256, false),
            (short, Algorithm::RS256, false),
            (secret, Algorithm::HS256, false),
        ] {
            let read = read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
            assert_eq!(fits(&read[0], algorithm), wanted, "{algorithm:?} {key}");
        }
    }

    #[test]
    fn unknown_kinds_of_keys_are_passed_over() {
        let body =
            br#"{"keys": [{"kty": "AKP", "alg": "ML-DSA-65"}, {"kty": "oct", "k": "AAAA"}]}"#;
        for key in read(body).unwrap() {
            for algorithm in [Algorithm::ES256, Algorithm::PS256, Algorithm::EdDSA] {
                assert!(!fits(&key, algorithm), "{key:?}");
            }
        }
        assert!(read(br#"{"keys": 1}"#).is_none());
    }
}
