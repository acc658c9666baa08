//! Secrets that a caller proves itself with: made once, kept as a digest.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::rng::{Rng, RngError};

/// `wxs_` and 43 characters (256 random bits).
pub(super) fn make_secret(rng: &dyn Rng) -> Result<Zeroizing<String>, RngError> {
    let random = Zeroizing::new(rng.array::<32>()?);
    Ok(Zeroizing::new(format!(
        "wxs_{}",
        URL_SAFE_NO_PAD.encode(*random)
    )))
}

/// A plain hash is enough for a secret of 256 random bits: there is nothing to guess that a slow hash
/// would make dearer.
pub(super) fn secret_digest(secret: &str) -> [u8; 32] {
    let mut value = [0; 32];
    value.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    value
}

/// Whether `secret` has the digest that is kept. Where none is kept it takes as long as a wrong secret.
pub(super) fn is_secret(secret: &str, kept: Option<&[u8; 32]>) -> bool {
    let given = secret_digest(secret);
    let matches: bool = given.ct_eq(kept.unwrap_or(&[0; 32])).into();
    matches && kept.is_some()
}
