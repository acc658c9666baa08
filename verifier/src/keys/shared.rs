//! The keyring of a running verifier, read again when a key has changed.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::Mutex;

use super::{Kek, Keyring, KeyringError, encryptions::EncryptionCounts};
use crate::store::{Store, keys};

/// The keyring and what it was unwrapped with.
pub struct SharedKeyring {
    kek: Kek,
    current: RwLock<Arc<Keyring>>,
    revision: AtomicU64,
    encryptions: EncryptionCounts,
    /// Two that read at once could put the former keys back in the place of the later ones.
    reading: Mutex<()>,
}

impl SharedKeyring {
    /// Reads every key of `store`.
    ///
    /// # Errors
    /// As [`Keyring::load`].
    pub async fn load(store: &Store, kek: Kek) -> Result<Self, KeyringError> {
        // Before the keys: a change in between is then seen as one.
        let revision = store.read(keys::revision).await?;
        let encryptions = EncryptionCounts::default();
        let keyring = Keyring::load_counting(store, &kek, &encryptions).await?;
        Ok(Self {
            encryptions,
            kek,
            current: RwLock::new(Arc::new(keyring)),
            revision: AtomicU64::new(revision),
            reading: Mutex::new(()),
        })
    }

    /// The keys as they were read last.
    pub fn current(&self) -> Arc<Keyring> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which keys these are: a store of another [`keys::revision`] has others by now.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Reads the keys again if one has changed, by whatever process. Keys that cannot be read leave the
    /// former ones in use.
    ///
    /// # Errors
    /// As [`Keyring::load`].
    pub async fn refresh(&self, store: &Store) -> Result<bool, KeyringError> {
        let _reading = self.reading.lock().await;
        let revision = store.read(keys::revision).await?;
        if revision == self.revision.load(Ordering::Acquire) {
            return Ok(false);
        }
        let keyring = Keyring::load_counting(store, &self.kek, &self.encryptions).await?;
        let keyring = Arc::new(keyring);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = keyring;
        self.revision.store(revision, Ordering::Release);
        Ok(true)
    }

    /// How often each data encryption key was used since that was last asked.
    pub const fn encryptions(&self) -> &EncryptionCounts {
        &self.encryptions
    }

    /// What keys are wrapped by.
    pub const fn kek(&self) -> &Kek {
        &self.kek
    }
}
