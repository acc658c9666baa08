//! A merchant's cards: found by fingerprint, or made with a token of their own.

use std::borrow::Cow;

use waxseal_protocol::card::Pan;
use zeroize::Zeroizing;

use super::{
    fingerprint::{Fingerprint, fingerprint},
    token::{SALT_LEN, Token, Tokenizer, random_token},
};
use crate::{
    clock::Timestamp,
    keys::ModeKeys,
    mode::Mode,
    rng::Rng,
    store::{
        StoreError, Touches, Tx,
        cards::{self, CardRow},
    },
};

/// Salts that are drawn before a merchant's token space counts as too full.
const MAX_DRAWS: u32 = 8;

/// What a PAN needs to become a merchant's card: computed before the transaction, so that the one
/// writer has little left to do.
pub struct Candidate {
    /// Under every root that there was, the active one first.
    fingerprints: Vec<(u32, Fingerprint)>,
    /// The row to insert if the PAN is new.
    row: CardRow,
}

impl Candidate {
    /// Computes fingerprint, token and encrypted columns.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn new(
        keys: &ModeKeys,
        (mode, merchant_id): (Mode, &str),
        pan: &Pan,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Self, StoreError> {
        let id = rng.id(&mode.id_prefix("card"), now)?;
        Ok(Self {
            fingerprints: fingerprints(keys, merchant_id, pan),
            row: make_row(keys, &id, merchant_id, pan, now, rng)?,
        })
    }
}

/// The merchant's card of the candidate's PAN, if there is one.
///
/// # Errors
/// [`StoreError::Damaged`] when the stored row is not this PAN's.
pub fn find(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    candidate: &Candidate,
    pan: &Pan,
) -> Result<Option<CardRow>, StoreError> {
    let merchant_id = &candidate.row.merchant_id;
    find_by(
        tx,
        keys,
        merchant_id,
        &candidate.fingerprints_under(keys, pan),
    )
}

/// The merchant's card of the candidate's PAN, made if it is new. The same PAN gives the same card.
///
/// # Errors
/// [`StoreError::Damaged`] when the stored row is not this PAN's; [`StoreError::Conflict`] when the
/// merchant's token space is too full.
pub fn find_or_create(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    candidate: &Candidate,
    pan: &Pan,
    rng: &dyn Rng,
) -> Result<CardRow, StoreError> {
    let fingerprints = candidate.fingerprints_under(keys, pan);
    let merchant_id = &candidate.row.merchant_id;
    if let Some(card) = find_by(tx, keys, merchant_id, &fingerprints)? {
        return Ok(card);
    }
    let card = insert(tx, keys, candidate.row.clone(), pan, rng)?;
    for (version, value) in &*fingerprints {
        cards::insert_fingerprint(tx, *version, value.as_bytes(), &card.id)?;
    }
    Ok(card)
}

impl Candidate {
    /// Adds the PAN to what is touched: two jobs that would both make its card wait for each other.
    pub fn touch(&self, touches: Touches) -> Touches {
        // Under the active root, which every candidate has.
        match self.fingerprints.first() {
            Some((_, value)) => touches.and("card", &(&self.row.merchant_id, value.as_bytes())),
            None => touches,
        }
    }

    /// Whether `card` was made of it, and not found.
    pub fn became(&self, card: &CardRow) -> bool {
        card.id == self.row.id
    }

    /// The fingerprints as the keys are now: one may have been added since the candidate was made.
    fn fingerprints_under(&self, keys: &ModeKeys, pan: &Pan) -> Cow<'_, [(u32, Fingerprint)]> {
        let made = self.fingerprints.iter().map(|(version, _)| version);
        if made.eq(keys.fingerprint_roots().iter().map(|(version, _)| version)) {
            Cow::Borrowed(&self.fingerprints)
        } else {
            Cow::Owned(fingerprints(keys, &self.row.merchant_id, pan))
        }
    }
}

fn fingerprints(keys: &ModeKeys, merchant_id: &str, pan: &Pan) -> Vec<(u32, Fingerprint)> {
    let roots = keys.fingerprint_roots().iter();
    // EXPOSE: what the fingerprint is of.
    let under =
        |(version, root): &(u32, _)| (*version, fingerprint(root, merchant_id, pan.digits()));
    roots.map(under).collect()
}

fn find_by(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    merchant_id: &str,
    fingerprints: &[(u32, Fingerprint)],
) -> Result<Option<CardRow>, StoreError> {
    for (version, wanted) in fingerprints {
        let found = cards::find_by_fingerprint(tx, merchant_id, *version, wanted.as_bytes())?;
        if let Some(card) = found {
            check_pan(keys, &card, *version, wanted)?;
            return Ok(Some(card));
        }
    }
    Ok(None)
}

/// Inserts `card`; while the merchant has a card of its token, with a new salt and so a new token.
fn insert(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    mut card: CardRow,
    pan: &Pan,
    rng: &dyn Rng,
) -> Result<CardRow, StoreError> {
    for _ in 0..MAX_DRAWS {
        match cards::insert(tx, &card) {
            Ok(()) => return Ok(card),
            Err(StoreError::Conflict) => {
                card = make_row(keys, &card.id, &card.merchant_id, pan, card.created_at, rng)?;
            }
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Conflict)
}

/// Checks that a row which was read is as it was written: its PAN opens beside the token, brand and
/// last four that it was stored with. What is shown of a card is never another's.
///
/// # Errors
/// [`StoreError::Damaged`] when it is not.
pub fn check(keys: &ModeKeys, card: &CardRow) -> Result<(), StoreError> {
    open_pan(keys, card).map(drop)
}

pub(super) fn open_pan(keys: &ModeKeys, card: &CardRow) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let shown_as = cards::shown_as(&card.token, &card.brand, &card.last4);
    let place = cards::place(&card.id, &card.merchant_id, "pan", &shown_as);
    keys.deks.decrypt(place, &card.pan_enc)
}

/// Deletes a card with every fingerprint that leads to it.
pub(super) fn delete(tx: &Tx<'_>, keys: &ModeKeys, card: &CardRow) -> Result<(), StoreError> {
    let roots = keys.fingerprint_roots();
    let versions = roots.iter().map(|(version, _)| *version);
    let (oldest, newest) = (versions.clone().min(), versions.max());
    let (oldest, newest) = (oldest.unwrap_or(0), newest.unwrap_or(0));
    let merchant_id = &card.merchant_id;
    // One of a card that is damaged leads to it still.
    let digits = open_pan(keys, card).unwrap_or_default();
    match str::from_utf8(&digits) {
        Ok(digits) if !digits.is_empty() => {
            for (version, root) in roots {
                let value = fingerprint(root, merchant_id, digits);
                cards::delete_fingerprint(tx, card, *version, value.as_bytes())?;
            }
            // Under a former root too, until those are deleted.
            cards::delete_fingerprints_outside(tx, card, oldest, newest)?;
        }
        _ => cards::delete_fingerprints(tx, card)?,
    }
    cards::delete(tx, merchant_id, &card.id)
}

/// A row that was found by a fingerprint must hold the PAN of that fingerprint: a pointer moved to
/// another card would else give out that one's.
fn check_pan(
    keys: &ModeKeys,
    card: &CardRow,
    version: u32,
    wanted: &Fingerprint,
) -> Result<(), StoreError> {
    let damaged = StoreError::Damaged("card");
    let digits = open_pan(keys, card)?;
    let Ok(digits) = str::from_utf8(&digits) else {
        return Err(damaged);
    };
    let root = keys
        .fingerprint_roots()
        .iter()
        .find(|(other, _)| *other == version);
    let (_, root) = root.ok_or(StoreError::Damaged("card"))?;
    match fingerprint(root, &card.merchant_id, digits).matches(wanted) {
        true => Ok(()),
        false => Err(damaged),
    }
}

fn make_row(
    keys: &ModeKeys,
    id: &str,
    merchant_id: &str,
    pan: &Pan,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<CardRow, StoreError> {
    let (token, salt) = make_token(keys, merchant_id, pan, rng)?;
    let shown_as = cards::shown_as(token.as_str(), pan.brand().as_str(), pan.last4());
    let place = cards::place(id, merchant_id, "pan", &shown_as);
    // EXPOSE: the PAN goes into its encrypted column.
    let pan_enc = keys.deks.encrypt(place, pan.digits().as_bytes(), rng)?;
    let salt_place = cards::place(id, merchant_id, "salt", &[]);
    let salt_enc = salt
        .map(|salt| keys.deks.encrypt(salt_place, &salt, rng))
        .transpose()?;
    Ok(CardRow {
        id: id.to_owned(),
        merchant_id: merchant_id.to_owned(),
        token: token.as_str().to_owned(),
        brand: pan.brand().as_str().to_owned(),
        last4: pan.last4().to_owned(),
        pan_enc,
        salt_enc,
        created_at: now,
    })
}

fn make_token(
    keys: &ModeKeys,
    merchant_id: &str,
    pan: &Pan,
    rng: &dyn Rng,
) -> Result<(Token, Option<[u8; SALT_LEN]>), StoreError> {
    if pan.is_luhn_valid() {
        let salt = rng.array()?;
        Ok((
            Tokenizer::new(&keys.ff1)?.tokenize(merchant_id, pan, &salt)?,
            Some(salt),
        ))
    } else {
        Ok((random_token(pan, rng)?, None))
    }
}
