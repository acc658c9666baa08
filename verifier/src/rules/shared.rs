//! The rules of a running verifier, read again when others are to be asked.

use std::sync::Arc;

use super::HeldRules;
use crate::store::{Revised, Store, StoreError, rule_sets};

/// Rules as they were read last.
#[derive(Default)]
pub struct SharedRules(Revised<HeldRules>);

impl SharedRules {
    /// The rules as they were read last.
    pub fn current(&self) -> Arc<HeldRules> {
        self.0.current()
    }

    /// Reads the rules again if others are to be asked, by whatever process's word; gives whether they are.
    ///
    /// # Errors
    /// When the store fails; the former ones stay in use.
    pub async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        let read = self.0.refresh(
            store,
            rule_sets::revision,
            rule_sets::in_use,
            |rows, former| HeldRules::of(&rows, former),
        );
        read.await
    }
}
