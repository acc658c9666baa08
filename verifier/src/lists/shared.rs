//! The lists of a running verifier, read again when one has changed.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use ipnet::IpNet;
use tokio::sync::Mutex;

use super::HeldLists;
use crate::{
    keys::Keyring,
    mode::Mode,
    store::{Store, StoreError, lists},
};

/// Lists as they were read last.
pub struct SharedLists {
    configured: Vec<IpNet>,
    current: RwLock<Arc<HeldLists>>,
    revision: AtomicU64,
    /// Two that read at once could put the former lists back in the place of the later ones.
    reading: Mutex<()>,
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
            current: RwLock::default(),
            // No store has it.
            revision: AtomicU64::new(0),
            reading: Mutex::new(()),
        };
        shared.refresh(store, keyring).await?;
        Ok(shared)
    }

    /// The lists as they were read last.
    pub fn current(&self) -> Arc<HeldLists> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
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
        let _reading = self.reading.lock().await;
        let known = self.revision.load(Ordering::Acquire);
        let configured = self.configured.clone();
        let read = store.read(move |connection| {
            // Before the lists: a change in between is then seen as one.
            let revision = lists::revision(connection)?;
            if revision == known {
                return Ok(None);
            }
            let keys = keyring.of(Mode::Live);
            let held = HeldLists::load(connection, keys, &configured)?;
            Ok(Some((revision, held)))
        });
        let Some((revision, held)) = read.await? else {
            return Ok(false);
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
        self.revision.store(revision, Ordering::Release);
        Ok(true)
    }
}
