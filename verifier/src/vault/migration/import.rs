//! Takes another vault's cards, record by record.

use waxseal_protocol::{ErrorCode, card::is_test_card};
use zeroize::Zeroizing;

use super::{Header, MigratedCard, RecordError, Reference, SealedRecord};
use crate::{
    clock::Timestamp,
    keys::ModeKeys,
    mode::Mode,
    rng::Rng,
    store::{StoreError, Tx, cards::CardRow},
    vault::{Candidate, find_or_create},
};

/// A batch for one merchant.
#[derive(Clone, Debug)]
pub struct Import {
    merchant_id: String,
    mode: Mode,
    batch: String,
    kid: String,
}

/// A card that may be stored.
pub struct Prepared {
    card: MigratedCard,
    candidate: Candidate,
}

/// A record that is not taken, and what to name it by, if that is known.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub error: RecordError,
    /// What the other vault calls the card.
    pub reference: Option<Reference>,
}

/// What became of a record.
pub enum Outcome {
    /// The merchant has the card, now or from before.
    Stored {
        /// What the other vault calls it.
        reference: Reference,
        /// The card.
        card: CardRow,
    },
    /// It has not.
    Refused(Refused),
}

impl From<RecordError> for Refused {
    fn from(error: RecordError) -> Self {
        Self {
            error,
            reference: None,
        }
    }
}

impl Import {
    /// The batch that `record` is of. The first record of a file that opens says which one it is.
    ///
    /// # Errors
    /// [`RecordError`] when it is not for this merchant, or does not open.
    pub fn of(
        keys: &ModeKeys,
        (mode, merchant_id): (Mode, &str),
        record: &str,
    ) -> Result<Self, RecordError> {
        let (header, _) = open(keys, merchant_id, record)?;
        Ok(Self {
            merchant_id: merchant_id.to_owned(),
            mode,
            batch: header.bid,
            kid: header.kid,
        })
    }

    /// The batch's id.
    pub fn batch(&self) -> &str {
        &self.batch
    }

    /// Thumbprint of the vault key that the batch was sealed to.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The merchant.
    pub fn merchant_id(&self) -> &str {
        &self.merchant_id
    }

    /// Opens the record in line `number` and computes what its card needs to be stored.
    ///
    /// # Errors
    /// When the generator fails. The inner error is the record's.
    pub fn prepare(
        &self,
        keys: &ModeKeys,
        number: u64,
        record: &str,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Result<Prepared, Refused>, StoreError> {
        let card = match self.read(keys, number, record) {
            Ok(card) => card,
            Err(refused) => return Ok(Err(refused)),
        };
        let owner = (self.mode, self.merchant_id.as_str());
        let candidate = Candidate::new(keys, owner, &card.pan, now, rng)?;
        Ok(Ok(Prepared { card, candidate }))
    }

    /// Whether `record` is one of the batch, and the last.
    pub fn ends_with(&self, keys: &ModeKeys, number: u64, record: &str) -> bool {
        self.open(keys, number, record)
            .is_ok_and(|(header, _)| header.last)
    }

    fn read(&self, keys: &ModeKeys, number: u64, record: &str) -> Result<MigratedCard, Refused> {
        let (_, plaintext) = self.open(keys, number, record)?;
        let card = MigratedCard::parse(&plaintext)
            .map_err(|(error, reference)| Refused { error, reference })?;
        // EXPOSE: to compare with the well-known test numbers.
        if self.mode == Mode::Live && is_test_card(card.pan.digits()) {
            return Err(Refused {
                error: RecordError::Card(ErrorCode::TestCardInLiveMode),
                reference: Some(card.reference),
            });
        }
        Ok(card)
    }

    fn open(&self, keys: &ModeKeys, number: u64, record: &str) -> Result<Opened, RecordError> {
        let (header, plaintext) = open(keys, &self.merchant_id, record)?;
        if header.bid != self.batch {
            return Err(RecordError::BatchMismatch);
        }
        if header.num != number {
            return Err(RecordError::LineMismatch);
        }
        Ok((header, plaintext))
    }
}

impl Prepared {
    /// Finds or makes the merchant's card. What came with it is checked and not kept: expiry, name and
    /// postal code belong to a submission here.
    ///
    /// # Errors
    /// When the store fails; a card that is stored and damaged is the record's own error.
    pub fn store(self, tx: &Tx<'_>, keys: &ModeKeys, rng: &dyn Rng) -> Result<Outcome, StoreError> {
        let MigratedCard { pan, reference, .. } = self.card;
        let error = match find_or_create(tx, keys, &self.candidate, &pan, rng) {
            Ok(card) => return Ok(Outcome::Stored { reference, card }),
            Err(StoreError::Damaged(_)) => RecordError::CardDamaged,
            Err(StoreError::Conflict) => RecordError::TokenSpaceFull,
            Err(error) => return Err(error),
        };
        Ok(Outcome::Refused(Refused {
            error,
            reference: Some(reference),
        }))
    }
}

type Opened = (Header, Zeroizing<Vec<u8>>);

fn open(keys: &ModeKeys, merchant_id: &str, record: &str) -> Result<Opened, RecordError> {
    let record = SealedRecord::parse(record)?;
    let header = record.header().clone();
    if header.mid != merchant_id {
        return Err(RecordError::MerchantMismatch);
    }
    let key = keys.vault_import(&header.kid);
    let plaintext = record.open(key.ok_or(RecordError::KeyUnknown)?)?;
    Ok((header, plaintext))
}
