//! The compact JWE around the ciphertext.

use alloc::{string::String, vec::Vec};

use super::{
    CIPHERTEXT_LEN,
    base64url::{decode, decode_exact, encode, encoded_len},
    header::{Header, MAX_PROTECTED_LEN},
    suite::ENC_LEN,
};
use crate::ErrorCode;

/// A JWE in compact serialisation, taken apart but not opened.
///
/// Holding one means: exactly five parts, canonical base64url, a well-formed [`Header`] with the
/// one `alg` and `typ`, an encapsulated key of 65 bytes, a ciphertext of the one length.
#[derive(Debug)]
pub struct Envelope<'a> {
    protected: &'a str,
    header: Header,
    enc: [u8; ENC_LEN],
    ciphertext: Vec<u8>,
}

/// Why an envelope is refused. The caller gets one code whatever the reason, which is for the
/// security log and tells nothing of the content.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EnvelopeError {
    /// Another `alg`.
    Alg,
    /// Not canonical base64url.
    Base64url,
    /// A ciphertext of another length.
    Ciphertext,
    /// An encapsulated key of another length or form.
    Enc,
    /// Not five parts of which the third and the fifth are empty, or far too long.
    Form,
    /// A header that lacks a member, has one too many, or one of another form.
    Header,
    /// HPKE refused it: another key, or something was changed.
    Open,
    /// It opened, but not to what the schema says.
    Plaintext,
}

/// The longest envelope that is looked at, in bytes.
pub(super) const MAX_ENVELOPE_LEN: usize =
    MAX_PROTECTED_LEN + encoded_len(ENC_LEN) + encoded_len(CIPHERTEXT_LEN) + 4;

impl<'a> Envelope<'a> {
    /// Takes a compact JWE apart.
    ///
    /// # Errors
    /// [`EnvelopeError`]; nothing is decrypted here.
    //
    // RFC 7516, section 3.1:
    //   BASE64URL(UTF8(JWE Protected Header)) || '.' || BASE64URL(JWE Encrypted Key) || '.' ||
    //   BASE64URL(JWE Initialization Vector) || '.' || BASE64URL(JWE Ciphertext) || '.' ||
    //   BASE64URL(JWE Authentication Tag)
    pub fn parse(compact: &'a str) -> Result<Self, EnvelopeError> {
        if compact.len() > MAX_ENVELOPE_LEN {
            return Err(EnvelopeError::Form);
        }
        let mut parts = compact.split('.');
        let five = [(); 5].map(|()| parts.next());
        let [
            Some(protected),
            Some(enc),
            Some(""),
            Some(ciphertext),
            Some(""),
        ] = five
        else {
            return Err(EnvelopeError::Form);
        };
        if parts.next().is_some() {
            return Err(EnvelopeError::Form);
        }
        let header = Header::parse(&decode(protected).ok_or(EnvelopeError::Base64url)?)?;
        let enc = decode_exact(enc).ok_or(EnvelopeError::Enc)?;
        let ciphertext = decode(ciphertext).ok_or(EnvelopeError::Base64url)?;
        if ciphertext.len() != CIPHERTEXT_LEN {
            return Err(EnvelopeError::Ciphertext);
        }
        Ok(Self {
            protected,
            header,
            enc,
            ciphertext,
        })
    }

    /// The protected header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// HPKE's `enc`, the JWE Encrypted Key.
    pub fn enc(&self) -> &[u8; ENC_LEN] {
        &self.enc
    }

    /// HPKE's `aad`: ASCII(BASE64URL(protected header)).
    pub fn aad(&self) -> &[u8] {
        self.protected.as_bytes()
    }

    /// HPKE's `ct`: ciphertext and tag.
    pub fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }

    /// HPKE's `ct`, to be decrypted in place.
    pub fn into_ciphertext(self) -> Vec<u8> {
        self.ciphertext
    }
}

impl EnvelopeError {
    /// The one public code.
    pub fn code(self) -> ErrorCode {
        ErrorCode::EnvelopeInvalid
    }

    /// The reason, for the security log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alg => "alg",
            Self::Base64url => "base64url",
            Self::Ciphertext => "ciphertext",
            Self::Enc => "enc",
            Self::Form => "form",
            Self::Header => "header",
            Self::Open => "open",
            Self::Plaintext => "plaintext",
        }
    }
}

/// The compact serialisation of the parts.
pub(super) fn compact(protected: &str, enc: &[u8], ciphertext: &[u8]) -> String {
    [protected, &encode(enc), "", &encode(ciphertext), ""].join(".")
}
