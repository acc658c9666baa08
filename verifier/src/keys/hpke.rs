//! HPKE (RFC 9180), base mode, receiving side, over aws-lc-rs: DHKEM(P-256, HKDF-SHA256),
//! HKDF-SHA256, AES-256-GCM.
//!
//! The browser seals with the `hpke` crate; this is the other implementation, on the library
//! with the fastest P-256. Tests hold it against that crate and against the RFC's vectors.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey},
    hmac::{self, HMAC_SHA256},
};
use zeroize::Zeroizing;

/// Bytes of an uncompressed P-256 point: Nenc and Npk of the KEM.
pub(super) const ENC_LEN: usize = 65;

const KEM_SUITE_ID: &[u8] = b"KEM\x00\x10";
const HPKE_SUITE_ID: &[u8] = b"HPKE\x00\x10\x00\x01\x00\x02";
const MODE_BASE: u8 = 0x00;

/// Whatever went wrong: one bare error, so that a sender learns nothing from it.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct HpkeError;

/// A receiver's key pair with what opening needs of it every time.
pub(super) struct Receiver {
    private: PrivateKey,
    public: [u8; ENC_LEN],
    /// Does not depend on the message, since `info` and the empty `psk_id` do not.
    key_schedule_context: [u8; 65],
}

impl Receiver {
    /// From a private key as 32 bytes big-endian (RFC 9180 section 7.1.2), for the empty `info` that
    /// JWE prescribes.
    pub(super) fn new(private: &[u8; 32]) -> Result<Self, HpkeError> {
        Self::with_info(private, &[])
    }

    pub(super) fn with_info(private: &[u8; 32], info: &[u8]) -> Result<Self, HpkeError> {
        let private = PrivateKey::from_private_key(&ECDH_P256, private).map_err(|_| HpkeError)?;
        let public = private.compute_public_key().map_err(|_| HpkeError)?;
        let public = public.as_ref().try_into().map_err(|_| HpkeError)?;
        Ok(Self {
            private,
            public,
            key_schedule_context: key_schedule_context(info),
        })
    }

    /// The public key as an uncompressed point.
    pub(super) const fn public(&self) -> &[u8; ENC_LEN] {
        &self.public
    }

    /// Opens `sealed` (ciphertext and tag) in place and gives the plaintext.
    ///
    /// ```text
    /// def Open<MODE>(enc, skR, info, aad, ct, ...):             RFC 9180 section 6.1
    ///   ctx = Setup<MODE>R(enc, skR, info, ...)
    ///   return ctx.Open(aad, ct)
    /// ```
    pub(super) fn open<'s>(
        &self,
        enc: &[u8; ENC_LEN],
        aad: &[u8],
        sealed: &'s mut [u8],
    ) -> Result<&'s mut [u8], HpkeError> {
        let shared_secret = self.decap(enc)?;
        let (key, nonce) = self.key_schedule(&shared_secret);
        let key = UnboundKey::new(&AES_256_GCM, &*key).map_err(|_| HpkeError)?;
        // ComputeNonce(0) = base_nonce: one message per encapsulation (section 5.2).
        LessSafeKey::new(key)
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), sealed)
            .map_err(|_| HpkeError)
    }

    /// ```text
    /// def Decap(enc, skR):                                      RFC 9180 section 4.1
    ///   pkE = DeserializePublicKey(enc)
    ///   dh = DH(skR, pkE)
    ///   pkRm = SerializePublicKey(pk(skR))
    ///   kem_context = concat(enc, pkRm)
    ///   shared_secret = ExtractAndExpand(dh, kem_context)
    /// ```
    /// aws-lc refuses points off the curve and the point at infinity (section 7.1.4).
    pub(super) fn decap(&self, enc: &[u8; ENC_LEN]) -> Result<Zeroizing<[u8; 32]>, HpkeError> {
        // The library takes compressed points too; the KEM's encoding is the uncompressed one only.
        if enc[0] != 0x04 {
            return Err(HpkeError);
        }
        let peer = UnparsedPublicKey::new(&ECDH_P256, enc);
        agreement::agree(&self.private, peer, HpkeError, |dh| {
            let mut kem_context = [0; 2 * ENC_LEN];
            kem_context[..ENC_LEN].copy_from_slice(enc);
            kem_context[ENC_LEN..].copy_from_slice(&self.public);
            // ExtractAndExpand: eae_prk = LabeledExtract("", "eae_prk", dh)
            //                   LabeledExpand(eae_prk, "shared_secret", kem_context, Nsecret)
            let eae_prk = labeled_extract(KEM_SUITE_ID, &[], b"eae_prk", dh);
            Ok(labeled_expand(
                KEM_SUITE_ID,
                &eae_prk,
                b"shared_secret",
                &kem_context,
            ))
        })
    }

    /// ```text
    /// def KeySchedule<ROLE>(mode, shared_secret, info, psk, psk_id):   RFC 9180 section 5.1
    ///   psk_id_hash = LabeledExtract("", "psk_id_hash", psk_id)
    ///   info_hash = LabeledExtract("", "info_hash", info)
    ///   key_schedule_context = concat(mode, psk_id_hash, info_hash)
    ///   secret = LabeledExtract(shared_secret, "secret", psk)
    ///   key = LabeledExpand(secret, "key", key_schedule_context, Nk)
    ///   base_nonce = LabeledExpand(secret, "base_nonce", key_schedule_context, Nn)
    /// ```
    fn key_schedule(&self, shared_secret: &[u8; 32]) -> (Zeroizing<[u8; 32]>, [u8; 12]) {
        let context = &self.key_schedule_context;
        let secret = labeled_extract(HPKE_SUITE_ID, shared_secret, b"secret", &[]);
        let key = labeled_expand(HPKE_SUITE_ID, &secret, b"key", context);
        let nonce: Zeroizing<[u8; 12]> =
            labeled_expand(HPKE_SUITE_ID, &secret, b"base_nonce", context);
        (key, *nonce)
    }
}

fn key_schedule_context(info: &[u8]) -> [u8; 65] {
    let mut context = [0; 65];
    context[0] = MODE_BASE;
    context[1..33].copy_from_slice(&*labeled_extract(HPKE_SUITE_ID, &[], b"psk_id_hash", &[]));
    context[33..].copy_from_slice(&*labeled_extract(HPKE_SUITE_ID, &[], b"info_hash", info));
    context
}

/// ```text
/// def LabeledExtract(salt, label, ikm):                         RFC 9180 section 4
///   labeled_ikm = concat("HPKE-v1", suite_id, label, ikm)
///   return Extract(salt, labeled_ikm)       HKDF-Extract is HMAC(salt, ikm), RFC 5869 section 2.2
/// ```
fn labeled_extract(suite_id: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Zeroizing<[u8; 32]> {
    hmac_parts(salt, &[b"HPKE-v1", suite_id, label, ikm])
}

/// ```text
/// def LabeledExpand(prk, label, info, L):                       RFC 9180 section 4
///   labeled_info = concat(I2OSP(L, 2), "HPKE-v1", suite_id, label, info)
///   return Expand(prk, labeled_info, L)
/// ```
/// For L of at most one hash (32 bytes), HKDF-Expand is HMAC(prk, info || 0x01) cut to L
/// (RFC 5869 section 2.3).
fn labeled_expand<const L: usize>(
    suite_id: &[u8],
    prk: &[u8; 32],
    label: &[u8],
    info: &[u8],
) -> Zeroizing<[u8; L]> {
    const { assert!(L <= 32) };
    #[allow(
        clippy::cast_possible_truncation,
        reason = "L is at most 32, asserted above"
    )]
    let length = [0, L as u8];
    let block = hmac_parts(prk, &[&length, b"HPKE-v1", suite_id, label, info, &[1]]);
    let mut output = Zeroizing::new([0; L]);
    output.copy_from_slice(&block[..L]);
    output
}

fn hmac_parts(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut output = Zeroizing::new([0; 32]);
    output.copy_from_slice(context.sign().as_ref());
    output
}
