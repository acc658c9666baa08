//! Seals the cards of one batch, one after the other.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use waxseal_protocol::seal::{INFO, SealingKey, suite};

use super::{
    Header, MigratedCard,
    header::{is_merchant, make_batch_id},
    jwe::compact,
};
use crate::rng::{Rng, RngError};

/// A batch that is being sealed for one merchant of another vault.
///
/// It holds one card back: the last one has to say that it is the last.
pub struct Sealer {
    key: SealingKey,
    merchant: String,
    batch: String,
    sealed: u64,
    held: Option<MigratedCard>,
}

/// Why a card was not sealed.
#[derive(Debug, Eq, PartialEq)]
pub enum SealError {
    /// The merchant's id is not of its form.
    Merchant,
    /// The key is no point of P-256, or a card is longer than any.
    Refused,
    /// The random number generator failed.
    Rng,
}

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Merchant => {
                "the other vault's merchant: 1 to 64 letters, digits, underscores, dots or dashes"
            }
            Self::Refused => "a card could not be sealed to that key",
            Self::Rng => "the random number generator failed",
        })
    }
}

impl std::error::Error for SealError {}

impl From<RngError> for SealError {
    fn from(_: RngError) -> Self {
        Self::Rng
    }
}

impl Sealer {
    /// A new batch.
    ///
    /// # Errors
    /// [`SealError::Merchant`] for an id that no header takes, [`SealError::Rng`].
    pub fn new(key: SealingKey, merchant: &str, rng: &dyn Rng) -> Result<Self, SealError> {
        if !is_merchant(merchant) {
            return Err(SealError::Merchant);
        }
        Ok(Self {
            key,
            merchant: merchant.to_owned(),
            batch: make_batch_id(rng)?,
            sealed: 0,
            held: None,
        })
    }

    /// Takes a card; gives the sealed one before it.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn push(&mut self, card: MigratedCard, rng: &dyn Rng) -> Result<Option<String>, SealError> {
        let before = self.held.replace(card);
        before.map(|card| self.seal(&card, false, rng)).transpose()
    }

    /// Gives the last sealed card; nothing when there was none.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn finish(&mut self, rng: &dyn Rng) -> Result<Option<String>, SealError> {
        let last = self.held.take();
        last.map(|card| self.seal(&card, true, rng)).transpose()
    }

    /// The batch's id.
    pub fn batch(&self) -> &str {
        &self.batch
    }

    /// Cards that were sealed.
    pub const fn sealed(&self) -> u64 {
        self.sealed
    }

    // draft-ietf-jose-hpke-encrypt, "Integrated Encryption":
    //   protected = BASE64URL(UTF8(JWE Protected Header))
    //   enc, ciphertext = Seal(pkR, info = "", aad = ASCII(protected), plaintext)
    fn seal(
        &mut self,
        card: &MigratedCard,
        last: bool,
        rng: &dyn Rng,
    ) -> Result<String, SealError> {
        let header = Header {
            kid: self.key.kid().to_owned(),
            mid: self.merchant.clone(),
            bid: self.batch.clone(),
            num: self.sealed + 1,
            last,
        };
        let protected = header.protect().ok_or(SealError::Refused)?;
        let mut buffer = card.to_padded().ok_or(SealError::Refused)?;
        let mut rng = Noticing { rng, failed: false };
        let aad = protected.as_bytes();
        let (enc, tag) = suite::seal(self.key.point(), INFO, aad, &mut buffer, &mut rng)
            .map_err(|_| SealError::Refused)?;
        if rng.failed {
            return Err(SealError::Rng);
        }
        buffer.extend_from_slice(&tag);
        self.sealed += 1;
        Ok(compact(&protected, &enc, &buffer))
    }
}

/// HPKE takes a generator that never fails. What was sealed after this one failed is thrown away.
struct Noticing<'r> {
    rng: &'r dyn Rng,
    failed: bool,
}

impl TryRng for Noticing<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.failed |= self.rng.fill(bytes).is_err();
        Ok(())
    }
}

impl TryCryptoRng for Noticing<'_> {}
