//! The lists of a running verifier, read again when one has changed.

use std::sync::Arc;

use ipnet::IpNet;

use super::HeldLists;
use crate::{
    keys::Keyring,
    mode::Mode,
    store::{Revised, Store, StoreError, lists},
};

/// Lists as they were read last.
pub struct SharedLists {
    configured: Vec<IpNet>,
    held: Revised<HeldLists>,
}

impl SharedLists {
    /// Reads every list; `configured` are the networks that the configuration blocks.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(
        store: &Store,
        keyring: Arc<Keyring>,
        configured: Vec<IpNet>,
    ) -> Result<Self, StoreError> {
        let shared = Self {
            configured,
            held: Revised::default(),
        };
        shared.refresh(store, keyring).await?;
        Ok(shared)
    }

    /// The lists as they were read last.
    pub fn current(&self) -> Arc<HeldLists> {
        self.held.current()
    }

    /// Networks that the configuration blocks.
    pub fn configured(&self) -> &[IpNet] {
        &self.configured
    }

    /// Reads the lists again if one has changed, by whatever process.
    ///
    /// # Errors
    /// When the store fails; the former ones stay in use.
    pub async fn refresh(&self, store: &Store, keyring: Arc<Keyring>) -> Result<bool, StoreError> {
        let configured = self.configured.clone();
        let load =
            move |connection: &_| HeldLists::load(connection, keyring.of(Mode::Live), &configured);
        let read = self
            .held
            .refresh(store, lists::revision, load, |held, _| held);
        read.await
    }
}
