//! Columns encrypted at rest, each value bound to its place.
//!
//! A value opens only in the table, column and row it was written to, for the merchant it belongs to
//! and beside the look-up values it was written with. Not promised: that a row was not rolled back to
//! its own older ciphertext.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::StoreError;
use crate::{
    lengths::{LengthPrefixed, NONCE_LEN, TAG_LEN},
    rng::Rng,
};

const FORMAT: u8 = 1;
const HEAD_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// Bytes of a key's id.
pub const KEY_ID_LEN: usize = 8;

/// A key's id as rows carry it.
pub type KeyId = [u8; KEY_ID_LEN];

/// A key's id as the table of keys has it: hexadecimal.
pub fn key_id_text(id: KeyId) -> String {
    format!("{:016x}", u64::from_be_bytes(id))
}

/// The reverse of [`key_id_text`].
///
/// # Errors
/// [`StoreError::Damaged`] for any other text.
pub fn parse_key_id(text: &str) -> Result<KeyId, StoreError> {
    u64::from_str_radix(text, 16)
        .map(u64::to_be_bytes)
        .map_err(|_| StoreError::Damaged("key"))
}

/// Where an encrypted value lies.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Primary key of the row.
    pub row: &'p str,
    /// Merchant that the row belongs to.
    pub merchant: &'p str,
    /// Values of the same row that lead to it or from it to others, such as a card's token.
    pub look_ups: &'p [&'p str],
}

/// The data encryption keys of one mode: one to write with, all to read with.
pub struct Deks {
    active: KeyId,
    /// Values encrypted since the count was last taken.
    encryptions: Arc<AtomicU64>,
    keys: HashMap<KeyId, LessSafeKey>,
}

impl Deks {
    /// From the key ids and keys, of which `active` must be one. `encryptions` counts what is encrypted
    /// under that one.
    ///
    /// # Errors
    /// When it is not.
    pub fn new(
        active: KeyId,
        encryptions: Arc<AtomicU64>,
        keys: impl IntoIterator<Item = (KeyId, Zeroizing<[u8; 32]>)>,
    ) -> Result<Self, StoreError> {
        let keys = keys
            .into_iter()
            .map(|(id, key)| {
                UnboundKey::new(&AES_256_GCM, &*key).map(|key| (id, LessSafeKey::new(key)))
            })
            .collect::<Result<HashMap<_, _>, _>>()
            .map_err(|_| StoreError::Damaged("data encryption key"))?;
        match keys.contains_key(&active) {
            true => Ok(Self {
                active,
                encryptions,
                keys,
            }),
            false => Err(StoreError::Damaged("data encryption key")),
        }
    }

    /// Id of the key that new values are encrypted under.
    pub const fn active(&self) -> &KeyId {
        &self.active
    }

    /// Whether there are keys besides the active one, under which values may be encrypted.
    pub fn has_others(&self) -> bool {
        self.keys.len() > 1
    }

    /// Whether a value is encrypted under the key that new ones are.
    pub fn is_current(&self, value: &[u8]) -> bool {
        value.get(1..=KEY_ID_LEN) == Some(self.active.as_slice())
    }

    /// `version(1) || key id(8) || nonce(12) || AES-256-GCM(DEK, nonce, plaintext, aad) || tag(16)`
    ///
    /// # Errors
    /// When the generator fails.
    pub fn encrypt(
        &self,
        place: Place<'_>,
        plaintext: &[u8],
        rng: &dyn Rng,
    ) -> Result<Vec<u8>, StoreError> {
        self.encryptions.fetch_add(1, Ordering::Relaxed);
        let nonce: [u8; NONCE_LEN] = rng.array()?;
        let mut value = Vec::with_capacity(HEAD_LEN + plaintext.len() + TAG_LEN);
        value.push(FORMAT);
        value.extend_from_slice(&self.active);
        value.extend_from_slice(&nonce);
        value.extend_from_slice(plaintext);
        let key = self
            .keys
            .get(&self.active)
            .ok_or(StoreError::Damaged("data encryption key"))?;
        let tag = key
            .seal_in_place_separate_tag(
                Nonce::from(&nonce),
                aad(&self.active, place),
                &mut value[HEAD_LEN..],
            )
            .map_err(|_| StoreError::Damaged("data encryption key"))?;
        value.extend_from_slice(tag.as_ref());
        Ok(value)
    }

    /// The reverse of [`Deks::encrypt`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`], naming the table, for whatever is not what was written there.
    pub fn decrypt(
        &self,
        place: Place<'_>,
        value: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let damaged = StoreError::Damaged(place.table);
        let Some((head, sealed)) = value.split_first_chunk::<HEAD_LEN>() else {
            return Err(damaged);
        };
        let Some((key_id, nonce)) = head[1..].split_first_chunk::<KEY_ID_LEN>() else {
            return Err(damaged);
        };
        let (Some(key), Ok(nonce)) = (self.keys.get(key_id), <[u8; NONCE_LEN]>::try_from(nonce))
        else {
            return Err(damaged);
        };
        if head[0] != FORMAT {
            return Err(damaged);
        }
        let mut plaintext = Zeroizing::new(sealed.to_vec());
        let length = key
            .open_in_place(Nonce::from(&nonce), aad(key_id, place), &mut plaintext)
            .map_err(|_| damaged)?
            .len();
        plaintext.truncate(length);
        Ok(plaintext)
    }
}

fn aad(key_id: &KeyId, place: Place<'_>) -> Aad<Vec<u8>> {
    let parts = LengthPrefixed::default()
        .part(&[FORMAT])
        .part(key_id)
        .part(place.table.as_bytes())
        .part(place.column.as_bytes())
        .part(place.row.as_bytes())
        .part(place.merchant.as_bytes());
    let look_ups = place.look_ups.iter();
    let parts = look_ups.fold(parts, |parts, value| parts.part(value.as_bytes()));
    Aad::from(parts.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        hex::{hex, unhex},
        rng::SystemRng,
    };

    const PLACE: Place<'static> = Place {
        table: "card",
        column: "pan",
        row: "card_1",
        merchant: "m1",
        look_ups: &["94242"],
    };

    /// `secret` in that place, as the first version wrote it.
    const PINNED: &str =
        "0101010101010101012ec3d5ffd2ad9b8f83930b2ff38b3138716eb5399b4ba4043a95c7ea2804199f8c06";

    #[test]
    #[ignore = "prints what the test below pins"]
    fn print_pinned() {
        let value = deks().encrypt(PLACE, b"secret", &SystemRng::default());
        println!("{}", hex(&value.unwrap()));
    }

    fn deks() -> Deks {
        let keys = [
            ([1; 8], Zeroizing::new([7; 32])),
            ([2; 8], Zeroizing::new([8; 32])),
        ];
        Deks::new([1; 8], Arc::default(), keys).unwrap()
    }

    #[test]
    fn a_value_opens_only_in_its_place() {
        let deks = deks();
        let value = deks
            .encrypt(PLACE, b"secret", &SystemRng::default())
            .unwrap();
        assert_eq!(&**deks.decrypt(PLACE, &value).unwrap(), b"secret");
        for moved in [
            Place {
                table: "submission",
                ..PLACE
            },
            Place {
                column: "salt",
                ..PLACE
            },
            Place {
                row: "card_2",
                ..PLACE
            },
            Place {
                merchant: "m2",
                ..PLACE
            },
            Place {
                look_ups: &["94243"],
                ..PLACE
            },
            Place {
                look_ups: &[],
                ..PLACE
            },
            Place {
                look_ups: &["94242", ""],
                ..PLACE
            },
            Place {
                row: "card_",
                merchant: "1m1",
                ..PLACE
            },
        ] {
            assert!(deks.decrypt(moved, &value).is_err(), "{moved:?}");
        }
    }

    #[test]
    fn the_pinned_value_opens_for_ever() {
        let value = unhex(PINNED);
        assert_eq!(&**deks().decrypt(PLACE, &value).unwrap(), b"secret");
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let deks = deks();
        let value = deks
            .encrypt(PLACE, b"secret", &SystemRng::default())
            .unwrap();
        for at in 0..value.len() {
            let mut changed = value.clone();
            changed[at] ^= 1;
            assert!(deks.decrypt(PLACE, &changed).is_err(), "byte {at}");
            assert!(deks.decrypt(PLACE, &value[..at]).is_err(), "cut at {at}");
        }
        let mut other_key = value;
        other_key[1..9].fill(2);
        assert!(deks.decrypt(PLACE, &other_key).is_err());
    }
}
