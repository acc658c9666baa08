//! Envelopes for sessions of a verifier that is another process, sealed as the frame would.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use waxseal_protocol::{
    card::is_luhn_valid,
    message::SealingJwks,
    seal::{Header, SealingKey, make_jti, seal},
};
use waxseal_verifier::clock::{Clock, SystemClock};

use crate::{ORIGIN, SeededRng, card, sealed};

/// Seals to the key that a client token names.
pub struct Sealer(SealingKey);

impl Sealer {
    /// From the published keys and a client token.
    pub fn new(jwks: &SealingJwks, client_token: &str) -> Self {
        let claims = client_token.split('.').nth(1).expect("claims");
        let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        let kid = claims["kid"].as_str().expect("a kid");
        let jwk = jwks.keys.iter().find(|key| key.kid == kid);
        let jwk = jwk.expect("the key is published");
        Self(SealingKey::from_jwk(jwk, kid).expect("a key"))
    }

    /// A full envelope with a card of `number`, now. The same `seed` gives the same `jti`.
    pub fn seal(&self, session_id: &str, number: &str, seed: u64) -> String {
        let mut rng = SeededRng::new(seed);
        let header = Header {
            kid: self.0.kid().to_owned(),
            sid: session_id.to_owned(),
            rev: 1,
            org: ORIGIN.to_owned(),
            iat: SystemClock.now().seconds(),
            jti: make_jti(&mut rng),
            bld: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        };
        seal(&self.0, &header, &sealed(card(number)), &mut rng).expect("it seals")
    }
}

/// A Luhn-valid Visa number of its own for each `number` below 10^9; those that follow each other are in no run.
pub fn visa(number: usize) -> String {
    // Odd and no multiple of five: each number goes to another one.
    let scattered = number * 387_420_489 % 1_000_000_000;
    let body = format!("400000{scattered:09}");
    (0..10)
        .map(|check| format!("{body}{check}"))
        .find(|digits| is_luhn_valid(digits))
        .expect("one check digit fits")
}
