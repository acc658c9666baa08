//! The protected header: what an envelope is bound to.

use alloc::string::String;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::{
    EnvelopeError, SealError, TYP,
    base64url::{decode_exact, encode, encoded_len},
    suite::{HPKE_7, Suite},
};
use crate::object::object;

/// The members of the protected header, but `alg` and `typ`, which are constants.
///
/// All members are required, unknown ones refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// RFC 7638 thumbprint of the server's sealing key, 43 characters of base64url.
    pub kid: String,
    /// Checkout session id, at most 64 of `A-Z a-z 0-9 _`.
    pub sid: String,
    /// Revision of the session: an amount or a shipping country that has changed since is refused.
    pub rev: u32,
    /// Origin of the merchant's page that mounted the frame, at most 255 characters.
    pub org: String,
    /// Time of sealing, seconds since the Unix epoch.
    pub iat: u64,
    /// 128 random bits, base64url: no envelope is taken twice.
    pub jti: String,
    /// The first 16 bytes of the SHA-256 of the wasm module that sealed, base64url.
    pub bld: String,
}

/// The header as it is written, in this order.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written<Text> {
    alg: Text,
    typ: Text,
    kid: Text,
    sid: Text,
    rev: u32,
    org: Text,
    iat: u64,
    jti: Text,
    bld: Text,
}

/// Twice what the longest members need: foreign clients may write spaces.
const MAX_JSON_LEN: usize = 1024;

/// Longest BASE64URL(protected header).
pub(super) const MAX_PROTECTED_LEN: usize = encoded_len(MAX_JSON_LEN);

const MAX_SID_LEN: usize = 64;
const MAX_ORG_LEN: usize = 255;

/// The largest whole number that JSON implementations agree on (RFC 8259, section 6).
const MAX_IAT: u64 = (1 << 53) - 1;

impl Header {
    /// BASE64URL(protected header).
    pub(super) fn protect(&self) -> Result<String, SealError> {
        if !self.is_well_formed() {
            return Err(SealError::Header);
        }
        let written = Written {
            alg: HPKE_7.alg,
            typ: TYP,
            kid: &self.kid,
            sid: &self.sid,
            rev: self.rev,
            org: &self.org,
            iat: self.iat,
            jti: &self.jti,
            bld: &self.bld,
        };
        let json = serde_json::to_vec(&written).map_err(|_| SealError::Header)?;
        Ok(encode(&json))
    }

    /// Reads the JSON of a protected header.
    pub(super) fn parse(json: &[u8]) -> Result<Self, EnvelopeError> {
        if json.len() > MAX_JSON_LEN {
            return Err(EnvelopeError::Header);
        }
        let mut reader = serde_json::Deserializer::from_slice(json);
        let written: Written<String> = object(&mut reader).map_err(|_| EnvelopeError::Header)?;
        reader.end().map_err(|_| EnvelopeError::Header)?;
        if Suite::by_alg(&written.alg) != Some(&HPKE_7) {
            return Err(EnvelopeError::Alg);
        }
        if written.typ != TYP {
            return Err(EnvelopeError::Header);
        }
        let Written {
            kid,
            sid,
            rev,
            org,
            iat,
            jti,
            bld,
            ..
        } = written;
        let header = Self {
            kid,
            sid,
            rev,
            org,
            iat,
            jti,
            bld,
        };
        header
            .is_well_formed()
            .then_some(header)
            .ok_or(EnvelopeError::Header)
    }

    fn is_well_formed(&self) -> bool {
        decode_exact::<32>(&self.kid).is_some()
            && decode_exact::<16>(&self.jti).is_some()
            && decode_exact::<16>(&self.bld).is_some()
            && is_bounded(&self.sid, MAX_SID_LEN, |c| {
                c.is_ascii_alphanumeric() || c == b'_'
            })
            && is_bounded(&self.org, MAX_ORG_LEN, is_origin_char)
            && self.iat <= MAX_IAT
    }
}

/// A new random `jti`.
pub fn make_jti(rng: &mut impl CryptoRng) -> String {
    let mut bits = [0; 16];
    rng.fill_bytes(&mut bits);
    encode(&bits)
}

fn is_bounded(text: &str, max: usize, allowed: impl Fn(u8) -> bool) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(allowed)
}

/// What the ASCII serialisation of an origin can hold: RFC 6454, section 6.2 (scheme, host, port).
fn is_origin_char(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b':' | b'/' | b'.' | b'-' | b'_' | b'[' | b']' | b'+')
}
