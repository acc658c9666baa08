//! Keys that sign access tokens: P-256, `alg: ES256` (RFC 7518 section 3.4).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{OpenError, hpke::Receiver};

/// A signing key pair.
pub struct TokenKey {
    kid: String,
    /// The library holds it as PKCS #8.
    signing: EncodingKey,
    verifying: DecodingKey,
    x: String,
    y: String,
}

/// The public half (RFC 7517).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenJwk {
    kty: String,
    crv: String,
    #[serde(rename = "use")]
    usage: String,
    alg: String,
    kid: String,
    x: String,
    y: String,
}

/// A set of public halves (RFC 7517 section 5).
#[derive(Debug, Deserialize, Serialize)]
pub struct TokenJwks {
    /// The keys, those that sign first within their mode.
    pub keys: Vec<TokenJwk>,
}

impl TokenJwk {
    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The point's x, base64url.
    pub fn x(&self) -> &str {
        &self.x
    }

    /// The point's y, base64url.
    pub fn y(&self) -> &str {
        &self.y
    }
}

impl TokenKey {
    /// From the key's id and its private key, 32 bytes big-endian.
    ///
    /// # Errors
    /// When the bytes are no P-256 private key.
    pub(crate) fn new(kid: &str, private: &[u8; 32]) -> Result<Self, OpenError> {
        let receiver = Receiver::new(private).map_err(|_| OpenError)?;
        let public = receiver.public();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            private,
            public,
        );
        let pkcs8 = pair.map_err(|_| OpenError)?.to_pkcs8v1();
        let pkcs8 = Zeroizing::new(pkcs8.map_err(|_| OpenError)?.as_ref().to_vec());
        let x = URL_SAFE_NO_PAD.encode(&public[1..33]);
        let y = URL_SAFE_NO_PAD.encode(&public[33..]);
        Ok(Self {
            kid: kid.to_owned(),
            signing: EncodingKey::from_ec_der(&pkcs8),
            verifying: DecodingKey::from_ec_components(&x, &y).map_err(|_| OpenError)?,
            x,
            y,
        })
    }

    /// A JWS over `claims` (RFC 7515).
    ///
    /// # Errors
    /// When they are no JSON object.
    pub fn sign<T: Serialize>(
        &self,
        header: &Header,
        claims: &T,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        // EXPOSE: to sign with.
        jsonwebtoken::encode(header, claims, &self.signing)
    }

    /// What checks its signatures.
    pub const fn verifying(&self) -> &DecodingKey {
        &self.verifying
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half.
    pub fn jwk(&self) -> TokenJwk {
        TokenJwk {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            usage: "sig".to_owned(),
            alg: "ES256".to_owned(),
            kid: self.kid.clone(),
            x: self.x.clone(),
            y: self.y.clone(),
        }
    }
}
