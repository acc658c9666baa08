//! Values that are good for one thing and kept as a digest: codes, refresh tokens, cookies.
//!
//! An id that the row is found by, a dot, and 256 random bits.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    clock::Timestamp,
    identity::secret::{make_secret, secret_digest},
    rng::{Rng, RngError},
};

/// Longest id.
const MAX_ID: usize = 64;

/// A value as its holder has it.
pub struct Handle {
    /// What the row is found by.
    pub id: String,
    /// SHA-256 of the whole.
    pub digest: [u8; 32],
    /// The whole.
    pub text: Zeroizing<String>,
}

impl Handle {
    /// A new one, whose id begins with `prefix`.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn make(prefix: &str, now: Timestamp, rng: &dyn Rng) -> Result<Self, RngError> {
        let id = rng.id(prefix, now)?;
        let text = Zeroizing::new(format!("{id}.{}", *make_secret(rng)?));
        Ok(Self {
            digest: secret_digest(&text),
            id,
            text,
        })
    }

    /// One that somebody gave, if its id begins with `prefix`.
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        let (id, _) = text.split_once('.')?;
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_ours = id.starts_with(prefix) && id.len() <= MAX_ID && id.bytes().all(is_id);
        is_ours.then(|| Self {
            id: id.to_owned(),
            digest: secret_digest(text),
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// Whether it is the one whose digest is kept.
    pub fn is(&self, kept: &[u8; 32]) -> bool {
        self.digest.ct_eq(kept).into()
    }
}
