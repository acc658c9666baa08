//! The server's public key.

use alloc::string::{String, ToString};

use sha2::{Digest, Sha256};

use super::{
    SealError,
    base64url::{decode_exact, encode},
    suite::{ENC_LEN, HPKE_7, is_public_key},
};
use crate::message::SealingJwk;

/// A key to seal to: a point of P-256 whose thumbprint is the one that the client token names.
#[derive(Clone, Debug)]
pub struct SealingKey {
    point: [u8; ENC_LEN],
    kid: String,
}

impl SealingKey {
    /// Checks a published key: its type, its point, and that its thumbprint, computed here, is
    /// `expected_kid`.
    ///
    /// # Errors
    /// [`SealError::Key`] when anything differs.
    pub fn from_jwk(jwk: &SealingJwk, expected_kid: &str) -> Result<Self, SealError> {
        let is_sealing_key = jwk.kty == "EC"
            && jwk.crv == "P-256"
            && jwk.usage == "enc"
            && jwk.alg == HPKE_7.alg
            && jwk.kid == expected_kid
            && thumbprint(&jwk.x, &jwk.y) == expected_kid;
        if !is_sealing_key {
            return Err(SealError::Key);
        }
        let point = uncompressed(&jwk.x, &jwk.y).ok_or(SealError::Key)?;
        if !is_public_key(&point) {
            return Err(SealError::Key);
        }
        Ok(Self {
            point,
            kid: expected_kid.to_string(),
        })
    }

    /// RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The uncompressed point.
    pub fn point(&self) -> &[u8; ENC_LEN] {
        &self.point
    }
}

/// The JWK thumbprint of a P-256 key, from the base64url forms of its coordinates.
//
// RFC 7638, section 3: the members required of an EC key (section 3.2), in lexicographic order,
// without white space; SHA-256 over the UTF-8 octets; base64url.
pub fn thumbprint(x: &str, y: &str) -> String {
    let json = [
        r#"{"crv":"P-256","kty":"EC","x":""#,
        x,
        r#"","y":""#,
        y,
        r#""}"#,
    ]
    .concat();
    encode(&Sha256::digest(json))
}

// SEC 1, section 2.3.3: 04 || X || Y
fn uncompressed(x: &str, y: &str) -> Option<[u8; ENC_LEN]> {
    let mut point = [0x04; ENC_LEN];
    point[1..33].copy_from_slice(&decode_exact::<32>(x)?);
    point[33..].copy_from_slice(&decode_exact::<32>(y)?);
    Some(point)
}
