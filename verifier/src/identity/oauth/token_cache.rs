//! Tokens that were checked a moment ago, by their digest.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{AccessToken, check::Granted};
use crate::clock::Timestamp;

/// Seconds after which a token is looked at anew, wherever it was revoked.
pub(super) const FRESH_S: i64 = 5;
/// Tokens of one generation; two are kept.
const GENERATION: usize = 8 * 1024;

/// A token that was good.
pub(super) struct Checked {
    pub(super) token: AccessToken,
    pub(super) granted: Granted,
    pub(super) at: Timestamp,
    /// Which keys it was checked with.
    pub(super) keys_revision: u64,
}

/// The last ones. Nothing is asked of it but speed.
#[derive(Default)]
pub(super) struct TokenCache(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 32], Arc<Checked>>,
    old: HashMap<[u8; 32], Arc<Checked>>,
    /// Counts what was forgotten: what was being checked meanwhile must not be remembered.
    cleared: u64,
}

impl TokenCache {
    pub(super) fn find(&self, digest: &[u8; 32]) -> Option<Arc<Checked>> {
        let generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = generations.young.get(digest);
        found.or_else(|| generations.old.get(digest)).cloned()
    }

    /// How often everything was forgotten by now.
    pub(super) fn cleared(&self) -> u64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .cleared
    }

    /// Remembers a token, unless something was forgotten after `since`.
    pub(super) fn insert(&self, digest: [u8; 32], checked: Arc<Checked>, since: u64) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.cleared != since {
            return;
        }
        if generations.young.len() >= GENERATION {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(digest, checked);
    }

    pub(super) fn clear(&self) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        generations.young.clear();
        generations.old.clear();
        generations.cleared += 1;
    }
}
