//! HPKE (RFC 9180): which algorithms a JWE `alg` stands for, and the two operations.
//!
//! The names are those of the RFC. A post-quantum hybrid will be a second row of [`SUITES`].

use alloc::vec::Vec;

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable,
    aead::{AeadTag, AesGcm256},
    inout::InOutBuf,
    kdf::HkdfSha256,
    kem::DhP256HkdfSha256,
    single_shot_open_inout_detached, single_shot_seal_inout_detached_with_rng,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::SealError;

/// A ciphersuite: RFC 9180, section 7.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Suite {
    /// Name as JWE `alg`.
    pub alg: &'static str,
    /// RFC 9180, section 7.1.
    pub kem_id: u16,
    /// RFC 9180, section 7.2.
    pub kdf_id: u16,
    /// RFC 9180, section 7.3.
    pub aead_id: u16,
}

/// DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
pub const HPKE_7: Suite = Suite {
    alg: "HPKE-7",
    kem_id: KEM_ID,
    kdf_id: KDF_ID,
    aead_id: AEAD_ID,
};

/// Every suite that is accepted. Any other `alg` is refused.
pub const SUITES: &[Suite] = &[HPKE_7];

/// DHKEM(P-256, HKDF-SHA256).
pub const KEM_ID: u16 = 0x0010;

/// HKDF-SHA256.
pub const KDF_ID: u16 = 0x0001;

/// AES-256-GCM.
pub const AEAD_ID: u16 = 0x0002;

/// `Nenc` and `Npk`: bytes of an encapsulated key and of a public key, an uncompressed point.
pub const ENC_LEN: usize = 65;

/// `Nsk`: bytes of a private key.
pub const PRIVATE_KEY_LEN: usize = 32;

/// `Nt`: bytes of an authentication tag.
pub const TAG_LEN: usize = 16;

/// Opening failed. Deliberately without a reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OpenError;

impl Suite {
    /// The suite that a JWE `alg` stands for.
    pub fn by_alg(alg: &str) -> Option<&'static Self> {
        SUITES.iter().find(|suite| suite.alg == alg)
    }
}

/// `SealBase` in place: `buffer` holds the plaintext before and the ciphertext after. Returns the
/// encapsulated key and the tag.
///
/// # Errors
/// [`SealError::Key`] when `pk_r` is no point of P-256.
//
// RFC 9180, section 6.1:
//   def Seal<MODE>(pkR, info, aad, pt, ...):
//     enc, ctx = Setup<MODE>S(pkR, info, ...)
//     ct = ctx.Seal(aad, pt)
//     return enc, ct
pub fn seal(
    pk_r: &[u8; ENC_LEN],
    info: &[u8],
    aad: &[u8],
    buffer: &mut [u8],
    rng: &mut impl CryptoRng,
) -> Result<([u8; ENC_LEN], [u8; TAG_LEN]), SealError> {
    let pk_r = deserialize_public_key(pk_r).ok_or(SealError::Key)?;
    let buffer = InOutBuf::from(buffer);
    let (enc, tag) = single_shot_seal_inout_detached_with_rng::<
        AesGcm256,
        HkdfSha256,
        DhP256HkdfSha256,
    >(&OpModeS::Base, &pk_r, info, buffer, aad, rng)
    .map_err(|_| SealError::Plaintext)?;
    Ok((enc.to_bytes().into(), tag.to_bytes().into()))
}

/// `OpenBase`: the plaintext of `ct`, which ends in the tag.
///
/// # Errors
/// [`OpenError`] whatever is wrong with key, encapsulated key, `aad` or ciphertext.
//
// RFC 9180, section 6.1:
//   def Open<MODE>(enc, skR, info, aad, ct, ...):
//     ctx = Setup<MODE>R(enc, skR, info, ...)
//     return ctx.Open(aad, ct)
pub fn open(
    sk_r: &[u8; PRIVATE_KEY_LEN],
    enc: &[u8; ENC_LEN],
    info: &[u8],
    aad: &[u8],
    ct: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let sk_r = deserialize_private_key(sk_r).ok_or(OpenError)?;
    let enc = <DhP256HkdfSha256 as Kem>::EncappedKey::from_bytes(enc).map_err(|_| OpenError)?;
    let (ct, tag) = ct.split_last_chunk::<TAG_LEN>().ok_or(OpenError)?;
    let tag = AeadTag::<AesGcm256>::from_bytes(tag).map_err(|_| OpenError)?;
    let mut buffer = Zeroizing::new(ct.to_vec());
    single_shot_open_inout_detached::<AesGcm256, HkdfSha256, DhP256HkdfSha256>(
        &OpModeR::Base,
        &sk_r,
        &enc,
        info,
        InOutBuf::from(buffer.as_mut_slice()),
        aad,
        &tag,
    )
    .map_err(|_| OpenError)?;
    Ok(buffer)
}

/// `pk(skR)` as an uncompressed point; `None` when `sk_r` is no scalar from 1 to the order.
pub fn public_key(sk_r: &[u8; PRIVATE_KEY_LEN]) -> Option<[u8; ENC_LEN]> {
    let sk_r = deserialize_private_key(sk_r)?;
    Some(DhP256HkdfSha256::sk_to_pk(&sk_r).to_bytes().into())
}

/// Whether `pk` is an uncompressed point of P-256 and not the point at infinity.
//
// RFC 9180, section 7.1.4: "Senders and recipients MUST validate public keys."
pub fn is_public_key(pk: &[u8; ENC_LEN]) -> bool {
    deserialize_public_key(pk).is_some()
}

fn deserialize_public_key(pk: &[u8; ENC_LEN]) -> Option<<DhP256HkdfSha256 as Kem>::PublicKey> {
    <DhP256HkdfSha256 as Kem>::PublicKey::from_bytes(pk).ok()
}

fn deserialize_private_key(
    sk: &[u8; PRIVATE_KEY_LEN],
) -> Option<<DhP256HkdfSha256 as Kem>::PrivateKey> {
    <DhP256HkdfSha256 as Kem>::PrivateKey::from_bytes(sk).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hpke::{aead::Aead, kdf::Kdf};

    #[test]
    fn the_identifiers_are_those_of_the_algorithms_in_use() {
        assert_eq!(KEM_ID, DhP256HkdfSha256::KEM_ID);
        assert_eq!(KDF_ID, HkdfSha256::KDF_ID);
        assert_eq!(AEAD_ID, AesGcm256::AEAD_ID);
    }

    #[test]
    fn no_other_alg_has_a_suite() {
        assert_eq!(Suite::by_alg("HPKE-7"), Some(&HPKE_7));
        for alg in [
            "", "HPKE-0", "HPKE-8", "hpke-7", "HPKE-7 ", "dir", "none", "ECDH-ES",
        ] {
            assert_eq!(Suite::by_alg(alg), None, "{alg}");
        }
    }
}
