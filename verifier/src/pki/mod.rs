//! A private authority, for those who have none: it certifies this verifier's listeners and merchants'
//! servers, and revokes. P-256 throughout (RFC 5280, RFC 5480).
//!
//! Its folder holds `ca.crt`, `ca.key` (mode 0600) and `ca.crl`.

mod authority;
mod files;
mod revocation;
mod subject;

pub use authority::{Authority, Issued};
pub use subject::{Subject, Usage};

/// What keeps an authority from its work, in one line that says what to do.
#[derive(Debug)]
pub struct PkiError(String);

impl PkiError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl std::fmt::Display for PkiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PkiError {}

impl From<rcgen::Error> for PkiError {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<crate::rng::RngError> for PkiError {
    fn from(_: crate::rng::RngError) -> Self {
        Self::new("the random number generator failed")
    }
}
