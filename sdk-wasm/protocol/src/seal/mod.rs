//! The sealed card: one JWE with HPKE integrated encryption (draft-ietf-jose-hpke-encrypt, RFC 9180)
//! for the card and all signals, always of the same size.
//!
//! ```text
//! BASE64URL(protected header) . BASE64URL(enc) . . BASE64URL(ct || tag) .
//! ```
//!
//! The protected header binds session, revision, origin, key, time and build ([`Header`]); the
//! plaintext is a [`SealedCard`] as JSON, padded with spaces to [`PLAINTEXT_LEN`] bytes.

mod base64url;
mod browser;
mod card_fields;
mod envelope;
mod header;
mod jwk;
mod padding;
mod sealed_card;
pub mod suite;

use alloc::string::String;

pub use browser::BrowserData;
pub use card_fields::{CardFields, ValidCard};
pub use envelope::{Envelope, EnvelopeError};
pub use header::{Header, make_jti};
pub use jwk::{SealingKey, thumbprint};
pub use padding::{pad, unpad};
use rand_core::CryptoRng;
pub use sealed_card::SealedCard;
pub use suite::HPKE_7;

use crate::ErrorCode;

/// Length of every plaintext in bytes, so that the length of an envelope tells nothing of the card,
/// the name or the signals. Four times what a usual submission needs; signals are dropped to fit.
pub const PLAINTEXT_LEN: usize = 4096;

/// Length of every ciphertext with its tag, in bytes.
pub const CIPHERTEXT_LEN: usize = PLAINTEXT_LEN + suite::TAG_LEN;

/// The `typ` of every envelope.
pub const TYP: &str = "waxseal-card+jwe";

/// HPKE's `info`: empty, as the draft says for integrated encryption.
pub const INFO: &[u8] = b"";

/// Why a card could not be sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SealError {
    /// A member of the header is not of its documented form.
    Header,
    /// The key is not the P-256 key that the client token names.
    Key,
    /// A member of the plaintext is not of its documented form.
    Plaintext,
}

impl SealError {
    /// The public code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Key => ErrorCode::KeyMismatch,
            Self::Header | Self::Plaintext => ErrorCode::Internal,
        }
    }
}

/// Seals a card to a server's key: a compact JWE with a fresh encapsulation.
///
/// Signals that do not fit are left out in the order of [`crate::signal::SignalName::DROP_ORDER`].
///
/// # Errors
/// [`SealError`] when the header names another key, or the header or the card could not be read back
/// by [`Envelope::parse`] and [`SealedCard::parse`].
//
// draft-ietf-jose-hpke-encrypt, "Integrated Encryption":
//   protected = BASE64URL(UTF8(JWE Protected Header))
//   enc, ciphertext = Seal(pkR, info = "", aad = ASCII(protected), plaintext)
//   JWE Encrypted Key = enc; JWE Initialization Vector and Authentication Tag are empty
pub fn seal(
    key: &SealingKey,
    header: &Header,
    card: &SealedCard,
    rng: &mut impl CryptoRng,
) -> Result<String, SealError> {
    if header.kid != key.kid() {
        return Err(SealError::Key);
    }
    let protected = header.protect()?;
    let mut buffer = card.to_padded()?;
    let (enc, tag) = suite::seal(key.point(), INFO, protected.as_bytes(), &mut buffer, rng)?;
    buffer.extend_from_slice(&tag);
    Ok(envelope::compact(&protected, &enc, &buffer))
}

/// Opens an envelope with the `RustCrypto` implementation.
///
/// The verifier opens with another one; this is its oracle in tests, and what the tests of this
/// crate use. The header's values are for the caller to check.
///
/// # Errors
/// [`EnvelopeError`] whatever is wrong.
pub fn open(private_key: &[u8; 32], envelope: &Envelope<'_>) -> Result<SealedCard, EnvelopeError> {
    let sealed = envelope.ciphertext();
    let plaintext = suite::open(private_key, envelope.enc(), INFO, envelope.aad(), sealed)
        .map_err(|suite::OpenError| EnvelopeError::Open)?;
    SealedCard::parse(&plaintext)
}
