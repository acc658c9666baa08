//! Sealing keys: the P-256 key pairs that envelopes are sealed to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use waxseal_protocol::{
    message::SealingJwk,
    seal::{Envelope, HPKE_7, thumbprint},
};
use zeroize::Zeroizing;

use super::hpke::{ENC_LEN, Receiver};
use crate::{
    clock::Timestamp,
    rng::{Rng, RngError},
    store::key_state::KeyState,
};

/// The envelope could not be opened: one bare error, whatever went wrong inside.
#[derive(Debug, Eq, PartialEq)]
pub struct OpenError;

/// A sealing key pair and its state.
pub struct SealingKeyPair {
    receiver: Receiver,
    jwk: SealingJwk,
    state: KeyState,
    retired_at: Option<Timestamp>,
}

impl SealingKeyPair {
    /// Makes a private key: 32 bytes big-endian, in the range [1, n-1].
    ///
    /// # Errors
    /// When the generator fails.
    pub(super) fn make_private(rng: &dyn Rng) -> Result<Zeroizing<[u8; 32]>, RngError> {
        // A candidate out of range comes once in 2^32 draws (FIPS 186-5 appendix A.2.2: draw again).
        for _ in 0..8 {
            let candidate = Zeroizing::new(rng.array()?);
            if Receiver::new(&candidate).is_ok() {
                return Ok(candidate);
            }
        }
        Err(RngError)
    }

    /// From a private key and the state it is stored with.
    ///
    /// # Errors
    /// When the bytes are no P-256 private key.
    pub(super) fn new(
        private: &[u8; 32],
        state: KeyState,
        created_at: Timestamp,
        activated_at: Option<Timestamp>,
        retired_at: Option<Timestamp>,
    ) -> Result<Self, OpenError> {
        let receiver = Receiver::new(private).map_err(|_| OpenError)?;
        let x = URL_SAFE_NO_PAD.encode(&receiver.public()[1..33]);
        let y = URL_SAFE_NO_PAD.encode(&receiver.public()[33..]);
        let jwk = SealingJwk {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            kid: thumbprint(&x, &y),
            x,
            y,
            usage: "enc".to_owned(),
            alg: HPKE_7.alg.to_owned(),
            state: state.as_str().to_owned(),
            created_at: created_at.rfc3339(),
            activated_at: activated_at.map(Timestamp::rfc3339),
            retired_at: retired_at.map(Timestamp::rfc3339),
        };
        Ok(Self {
            receiver,
            jwk,
            state,
            retired_at,
        })
    }

    /// The public key, as the key set publishes it.
    pub const fn jwk(&self) -> &SealingJwk {
        &self.jwk
    }

    /// RFC 7638 thumbprint of the public key.
    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    /// Where the key stands.
    pub const fn state(&self) -> KeyState {
        self.state
    }

    /// Whether what was sealed to the key is still opened, `grace_s` seconds after it was retired.
    pub fn opens(&self, now: Timestamp, grace_s: u32) -> bool {
        match self.state {
            KeyState::Active => true,
            KeyState::Retired => self
                .retired_at
                .is_some_and(|at| now < at.plus_seconds(grace_s.into())),
            KeyState::Destroyed | KeyState::Pending | KeyState::Revoked => false,
        }
    }

    /// Opens an envelope and gives its plaintext, still padded.
    ///
    /// # Errors
    /// When it was not sealed to this key, or changed since.
    pub fn open(&self, envelope: Envelope<'_>) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let enc: [u8; ENC_LEN] = *envelope.enc();
        let aad = envelope.aad().to_vec();
        self.open_parts(&enc, &aad, envelope.into_ciphertext())
    }

    /// Opens the parts of any JWE with integrated encryption: encapsulated key, ASCII of the protected
    /// header, ciphertext with its tag.
    ///
    /// # Errors
    /// As [`SealingKeyPair::open`].
    pub fn open_parts(
        &self,
        enc: &[u8; ENC_LEN],
        aad: &[u8],
        sealed: Vec<u8>,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut buffer = Zeroizing::new(sealed);
        let opened = self.receiver.open(enc, aad, &mut buffer);
        let length = opened.map_err(|_| OpenError)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}
