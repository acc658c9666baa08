//! Secrets that a caller proves itself with: made once, kept as a digest.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::rng::{Rng, RngError};

const PREFIX: &str = "wxs_";
/// 256 random bits in base64url.
const LENGTH: usize = 43;

/// `wxs_` and 43 characters (256 random bits).
pub(super) fn make_secret(rng: &dyn Rng) -> Result<Zeroizing<String>, RngError> {
    let random = Zeroizing::new(rng.array::<32>()?);
    Ok(Zeroizing::new(format!(
        "{PREFIX}{}",
        URL_SAFE_NO_PAD.encode(*random)
    )))
}

/// Whether a text of a secret's form stands in `text`, anybody's or nobody's.
pub(crate) fn holds_secret(text: &str) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    text.match_indices(PREFIX).any(|(at, prefix)| {
        let after = text[at + prefix.len()..].bytes();
        after.take_while(is_digit).take(LENGTH).count() == LENGTH
    })
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
