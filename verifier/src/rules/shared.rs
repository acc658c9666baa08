//! The rules of a running verifier, read again when others are to be asked.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::Mutex;

use super::HeldRules;
use crate::store::{Store, StoreError, rule_sets};

/// Rules as they were read last.
#[derive(Default)]
pub struct SharedRules {
    current: RwLock<Arc<HeldRules>>,
    /// No store has 0.
    revision: AtomicU64,
    /// Two that read at once could put the former rules back in the place of the later ones.
    reading: Mutex<()>,
}

impl SharedRules {
    /// The rules as they were read last.
    pub fn current(&self) -> Arc<HeldRules> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the rules again if others are to be asked, by whatever process's word; gives whether they are.
    ///
    /// # Errors
    /// When the store fails; the former ones stay in use.
    pub async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        let _reading = self.reading.lock().await;
        let known = self.revision.load(Ordering::Acquire);
        let read = store.read(move |connection| {
            // Before the rules: a change in between is then seen as one.
            let revision = rule_sets::revision(connection)?;
            if revision == known {
                return Ok(None);
            }
            Ok(Some((revision, rule_sets::in_use(connection)?)))
        });
        let Some((revision, rows)) = read.await? else {
            return Ok(false);
        };
        let held = HeldRules::of(&rows, &self.current());
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
        self.revision.store(revision, Ordering::Release);
        Ok(true)
    }
}
