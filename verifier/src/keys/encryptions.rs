//! How often each data encryption key was used.
//!
//! With random 96-bit nonces a key may encrypt 2^32 values at most (NIST SP 800-38D, section 8.3); it
//! is replaced well before. The count lives in memory and is added to the store now and then: never a
//! counter row in the way of a submission. A crash loses what was counted since, some seconds' worth.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::store::crypter::KeyId;

/// Counts by key, which outlive the keyring that they were made for.
#[derive(Debug, Default)]
pub struct EncryptionCounts(Mutex<HashMap<KeyId, Arc<AtomicU64>>>);

impl EncryptionCounts {
    /// The count of a key.
    pub(super) fn of(&self, key: KeyId) -> Arc<AtomicU64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counts.entry(key).or_default())
    }

    /// Takes what was counted since the last time, by key.
    pub fn take(&self) -> Vec<(KeyId, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = counts
            .iter()
            .map(|(key, count)| (*key, count.swap(0, Ordering::Relaxed)));
        taken.filter(|(_, count)| *count > 0).collect()
    }

    /// Puts back what could not be stored.
    pub fn put_back(&self, key: KeyId, count: u64) {
        self.of(key).fetch_add(count, Ordering::Relaxed);
    }
}
