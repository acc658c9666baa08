//! A new root for fingerprints: every card gets a second fingerprint while the first still finds it; then
//! the second takes its place.
//!
//! From the moment that a verifier knows the pending root, every insert writes both. What was there
//! before gets its second one here, in small steps. Everything runs in the one writer's thread, so that
//! nothing comes between the last step and the change.

use std::sync::Arc;

use super::{cards::open_pan, fingerprint::fingerprint};
use crate::{
    clock::Timestamp,
    keys::{self, Keyring},
    mode::Mode,
    store::{Store, StoreError, cards},
};

/// Cards that one step looks at, and fingerprints that one step deletes.
const ROWS_A_STEP: u32 = 200;

/// Merchant and id of the last card that was looked at.
pub type Position = (String, String);

/// Gives the next cards their second fingerprint. `None` when there were no more.
///
/// # Errors
/// When the store fails.
pub async fn fingerprint_next(
    store: &Store,
    keyring: Arc<Keyring>,
    after: Position,
) -> Result<Option<Position>, StoreError> {
    store
        .write("fingerprint_again", move |tx| {
            let (merchant_id, id) = &after;
            let page = cards::after(tx, merchant_id, id, ROWS_A_STEP)?;
            for card in &page {
                let keys = keyring.of(Mode::of_id(&card.id));
                let Some((version, root)) = keys.pending_fingerprint_root() else {
                    continue;
                };
                // A damaged card keeps the first alone, and its mode both roots, until it is mended.
                let Ok(digits) = open_pan(keys, card) else {
                    continue;
                };
                let Ok(digits) = str::from_utf8(&digits) else {
                    continue;
                };
                let value = fingerprint(root, &card.merchant_id, digits);
                let value = value.as_bytes();
                cards::add_fingerprint(tx, *version, value, &card.id)?;
            }
            Ok(page
                .into_iter()
                .last()
                .map(|card| (card.merchant_id, card.id)))
        })
        .await
}

/// Lets the second fingerprints, under `roots`, take the place of the first, where every card has one.
///
/// # Errors
/// When the store fails.
pub async fn change_over(
    store: &Store,
    roots: Vec<String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    store
        .write("change_fingerprints", move |tx| {
            keys::activate_fingerprint_roots(tx, &roots, now)
        })
        .await
}

/// Deletes a step's worth of fingerprints under roots that are not used any more; gives how many.
///
/// # Errors
/// When the store fails.
pub async fn delete_former(store: &Store, keyring: &Keyring) -> Result<u64, StoreError> {
    let current = Mode::ALL.map(|mode| (mode, keyring.of(mode).fingerprint_root().0));
    store
        .write("delete_fingerprints", move |tx| {
            let mut deleted = 0;
            for (mode, version) in current {
                deleted += cards::delete_fingerprints_before(tx, mode, version, ROWS_A_STEP)?;
            }
            Ok(deleted)
        })
        .await
}
