//! A model's signature: a JWS (RFC 7515, ES256) over its version and the digest of its file.

use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{Keyring, TokenKey, open_signed},
    mode::Mode,
};

const TYP: &str = "waxseal-model+jwt";

/// A model without a signature that counts.
#[derive(Debug, Eq, PartialEq)]
pub struct SignatureError;

impl std::fmt::Display for SignatureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "the model's signature is by none of this keyring's keys, or over something else",
        )
    }
}

impl std::error::Error for SignatureError {}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    version: String,
    /// SHA-256 of what follows the file's first line, in hexadecimal.
    sha256: String,
}

/// Signs a model.
///
/// # Errors
/// When the key cannot sign.
pub fn sign(key: &TokenKey, version: &str, digest: &str) -> Result<String, SignatureError> {
    let header = Header {
        typ: Some(TYP.to_owned()),
        kid: Some(key.kid().to_owned()),
        ..Header::new(Algorithm::ES256)
    };
    let claims = Claims {
        version: version.to_owned(),
        sha256: digest.to_owned(),
    };
    key.sign(&header, &claims).map_err(|_| SignatureError)
}

/// Checks that a signature is by a key of the keyring, and over this model.
///
/// # Errors
/// When it is not.
pub fn verify(
    keyring: &Keyring,
    signed: &str,
    version: &str,
    digest: &str,
) -> Result<(), SignatureError> {
    let mut keys = keyring.of(Mode::Live).model_keys().iter();
    let by_id = |kid: &str| keys.find(|key| key.kid() == kid).map(TokenKey::verifying);
    let claims: Claims = open_signed(signed, TYP, by_id).ok_or(SignatureError)?;
    let is_it = claims.version == version && claims.sha256 == digest;
    is_it.then_some(()).ok_or(SignatureError)
}
