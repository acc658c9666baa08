//! Another key-encryption key for all keys.

use super::{Kek, KeyringError, Purpose, RotationError, keyring::open, rotation::log, wrap::wrap};
use crate::{
    clock::Timestamp,
    rng::Rng,
    store::{Store, StoreError, key_state::KeyState, keys},
};

/// Wraps every key by `next`, which has to be known to whoever starts from then on.
///
/// # Errors
/// When a key was not wrapped by `former`, or the generator or the store fails.
pub async fn rewrap(
    store: &Store,
    former: &Kek,
    next: &Kek,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<usize, RotationError> {
    let all = store.read(keys::list).await?;
    let before = all.clone();
    let kept = all
        .into_iter()
        .filter(|key| key.state != KeyState::Destroyed);
    let mut rewrapped = Vec::new();
    for mut row in kept {
        let key = open(former, &row)?;
        let purpose = Purpose::parse(&row.purpose).ok_or(KeyringError::NotOurs)?;
        row.wrapped = wrap(next, &row.id, purpose, row.mode, &key, rng)?;
        rewrapped.push(row);
    }
    let count = rewrapped.len();
    let kek_id = next.id().to_owned();
    store
        .write("rewrap_keys", move |tx| {
            // A key that was made or changed meanwhile would be left behind or written over.
            if keys::list(tx)? != before {
                return Err(StoreError::Conflict);
            }
            keys::note_kek(tx, &kek_id)?;
            for row in &rewrapped {
                keys::update(tx, row)?;
                log(tx, "key.rewrapped", row, &now.into())?;
            }
            Ok(())
        })
        .await?;
    Ok(count)
}
