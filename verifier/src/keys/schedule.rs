//! When sealing keys, and keys of access tokens, follow each other.

use super::{
    Kek, Policy, Purpose, RotationError, change_state,
    rotation::{activate_pending, is_of_kind, rotate},
};
use crate::{
    clock::Timestamp,
    mode::Mode,
    rng::Rng,
    store::{
        Store,
        key_state::KeyState,
        keys::{self, KeyRow},
    },
};

/// What is due of the keys of access tokens, and of the sealing keys: makes the next one, uses it when it has been published long enough,
/// destroys what is past its grace. Revoked without a successor, a mode gets one at once.
///
/// # Errors
/// When the generator or the store fails.
pub async fn keep_up(
    store: &Store,
    kek: &Kek,
    policy: Policy,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<(), RotationError> {
    let all = store.read(keys::list).await?;
    for mode in Mode::ALL {
        keep_up_token_keys(store, kek, policy, (mode, &all), rng, now).await?;
        let sealing = || {
            let of_kind = |key: &&KeyRow| is_of_kind(key, Purpose::Sealing, mode);
            all.iter().filter(of_kind)
        };
        let in_state = |state| sealing().find(move |key| key.state == state);
        let ends_at = |key: &KeyRow| {
            key.activated_at
                .map(|at| at.plus_seconds(policy.lifetime_s.into()))
        };
        match (in_state(KeyState::Active), in_state(KeyState::Pending)) {
            (None, None) => {
                rotate(store, kek, (Purpose::Sealing, mode), true, rng, now).await?;
            }
            (None, Some(pending)) => activate_pending(store, pending, now).await?,
            (Some(active), None) => {
                let due = ends_at(active).map(|end| end.plus_seconds(-i64::from(policy.lead_s)));
                if due.is_some_and(|due| due <= now) {
                    rotate(store, kek, (Purpose::Sealing, mode), false, rng, now).await?;
                }
            }
            (Some(_), Some(pending)) => {
                if pending.created_at.plus_seconds(policy.lead_s.into()) <= now {
                    activate_pending(store, pending, now).await?;
                }
            }
        }
        for retired in sealing().filter(|key| key.state == KeyState::Retired) {
            let end = retired
                .retired_at
                .map(|at| at.plus_seconds(policy.grace_s.into()));
            if end.is_some_and(|end| end <= now) {
                change_state(store, kek, &retired.id, KeyState::Destroyed, rng, now).await?;
            }
        }
    }
    Ok(())
}

/// Nobody outside has to know one before it is used, so the next one takes its place at once.
async fn keep_up_token_keys(
    store: &Store,
    kek: &Kek,
    policy: Policy,
    (mode, all): (Mode, &[KeyRow]),
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<(), RotationError> {
    let is_past = |since: Option<Timestamp>, seconds: u32| {
        since.is_some_and(|since| since.plus_seconds(seconds.into()) <= now)
    };
    let of_kind = |key: &&KeyRow| is_of_kind(key, Purpose::AccessToken, mode);
    for key in all.iter().filter(of_kind) {
        match key.state {
            KeyState::Active if is_past(key.activated_at, policy.lifetime_s) => {
                rotate(store, kek, (Purpose::AccessToken, mode), true, rng, now).await?;
            }
            KeyState::Retired if is_past(key.retired_at, policy.grace_s) => {
                change_state(store, kek, &key.id, KeyState::Destroyed, rng, now).await?;
            }
            _ => {}
        }
    }
    Ok(())
}
