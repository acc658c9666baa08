//! The compact JWE around a record: integrated encryption with `alg: HPKE-7`, as for a checkout's
//! envelope (draft-ietf-jose-hpke-encrypt, RFC 9180), with another `typ`, header and length.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use waxseal_protocol::seal::suite::{ENC_LEN, TAG_LEN};
use zeroize::Zeroizing;

use super::{Header, RECORD_LEN, RecordError, header::MAX_JSON_LEN};
use crate::keys::SealingKeyPair;

/// A record taken apart but not opened: five parts, a well-formed [`Header`], an encapsulated key and a
/// ciphertext of the one length.
pub struct SealedRecord<'a> {
    protected: &'a str,
    header: Header,
    enc: [u8; ENC_LEN],
    ciphertext: Vec<u8>,
}

/// The longest record that is looked at, in bytes.
pub const MAX_SEALED_LEN: usize =
    (MAX_JSON_LEN + ENC_LEN + RECORD_LEN + TAG_LEN).div_ceil(3) * 4 + 12;

impl<'a> SealedRecord<'a> {
    /// Takes a compact JWE apart (RFC 7516, section 3.1).
    ///
    /// # Errors
    /// [`RecordError::Malformed`].
    pub fn parse(compact: &'a str) -> Result<Self, RecordError> {
        let malformed = RecordError::Malformed;
        if compact.len() > MAX_SEALED_LEN {
            return Err(malformed);
        }
        let parts: Vec<&str> = compact.splitn(6, '.').collect();
        let [protected, enc, "", ciphertext, ""] = parts[..] else {
            return Err(malformed);
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed);
        let ciphertext = decode(ciphertext)?;
        if ciphertext.len() != RECORD_LEN + TAG_LEN {
            return Err(malformed);
        }
        Ok(Self {
            protected,
            header: Header::parse(&decode(protected)?)?,
            enc: decode(enc)?.try_into().map_err(|_| malformed)?,
            ciphertext,
        })
    }

    /// The protected header, which says nothing for sure before [`SealedRecord::open`].
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The padded plaintext.
    ///
    /// # Errors
    /// [`RecordError::NotAuthentic`], whatever was changed.
    pub fn open(self, key: &SealingKeyPair) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        key.open_parts(&self.enc, self.protected.as_bytes(), self.ciphertext)
            .map_err(|_| RecordError::NotAuthentic)
    }
}

/// The compact serialisation of the parts.
pub(super) fn compact(protected: &str, enc: &[u8], ciphertext: &[u8]) -> String {
    let (enc, ciphertext) = (
        URL_SAFE_NO_PAD.encode(enc),
        URL_SAFE_NO_PAD.encode(ciphertext),
    );
    [protected, &enc, "", &ciphertext, ""].join(".")
}
