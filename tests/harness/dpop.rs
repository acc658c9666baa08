//! A program's key, and proofs that it signs (RFC 9449).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use waxseal_protocol::seal::thumbprint;

/// A P-256 key pair.
pub struct DpopKey {
    /// The public half.
    pub jwk: Value,
    /// Its thumbprint.
    pub jkt: String,
    signing: EncodingKey,
}

impl DpopKey {
    /// A new one.
    pub fn make() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let point = pair.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|part| URL_SAFE_NO_PAD.encode(part));
        let pkcs8 = pair.to_pkcs8v1().expect("PKCS #8");
        Self {
            jkt: thumbprint(&x, &y),
            jwk: json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y }),
            signing: EncodingKey::from_ec_der(pkcs8.as_ref()),
        }
    }

    /// Claims of a proof, to change.
    pub fn claims(method: &str, uri: &str, token: Option<&str>, iat: u64) -> Value {
        let jti: [u8; 16] = std::array::from_fn(|_| rand_byte());
        let mut claims = json!({
            "jti": URL_SAFE_NO_PAD.encode(jti), "htm": method, "htu": uri, "iat": iat,
        });
        if let Some(token) = token {
            claims["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(token)).into();
        }
        claims
    }

    /// A proof.
    pub fn prove(&self, method: &str, uri: &str, token: Option<&str>, iat: u64) -> String {
        self.sign(&Self::claims(method, uri, token, iat))
    }

    /// A proof with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk });
        self.sign_with(&header, claims)
    }

    /// A JWT with whatever header and claims.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = jsonwebtoken::crypto::sign(
            message.as_bytes(),
            &self.signing,
            jsonwebtoken::Algorithm::ES256,
        );
        format!("{message}.{}", signature.expect("a signature"))
    }
}

fn rand_byte() -> u8 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Sha256::digest(count.to_be_bytes())[0]
}
