//! A model's signature: a JWS (RFC 7515, ES256) over its version and the digest of its file.

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{Keyring, TokenKey},
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
    let header = decode_header(signed).map_err(|_| SignatureError)?;
    let kid = header.kid.ok_or(SignatureError)?;
    let mut keys = keyring.of(Mode::Live).model_keys().iter();
    let key = keys.find(|key| key.kid() == kid).ok_or(SignatureError)?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_required_spec_claims::<&str>(&[]);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = decode::<Claims>(signed, key.verifying(), &validation)
        .map_err(|_| SignatureError)?
        .claims;
    let is_ours =
        header.typ.as_deref() == Some(TYP) && claims.version == version && claims.sha256 == digest;
    is_ours.then_some(()).ok_or(SignatureError)
}
