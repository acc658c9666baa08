//! Every shopper this shop knows.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedMutexGuard};

use super::file;
use crate::{
    order::Shopper,
    rng::{self, RngError},
};

const MAX_SHOPPERS: usize = 1000;

/// Shoppers by the digest of their session id: who reads the file cannot take a session over.
#[derive(Debug, Default)]
pub struct Registry {
    shoppers: Mutex<HashMap<String, Entry>>,
    changed: Notify,
}

/// One shopper. Holding the lock makes a checkout one thing at a time, double clicks included.
pub type Handle = Arc<AsyncMutex<Shopper>>;

#[derive(Debug)]
struct Entry {
    shopper: Handle,
    /// Grows with every use: the smallest is forgotten first.
    used: u64,
}

impl Registry {
    /// What an earlier run left in the file at `path`.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn load(path: &std::path::Path) -> std::io::Result<Self> {
        let shoppers = file::load(path)?
            .into_iter()
            .map(|(digest, shopper)| {
                (
                    digest,
                    Entry {
                        shopper: Arc::new(AsyncMutex::new(shopper)),
                        used: 0,
                    },
                )
            })
            .collect();
        Ok(Self {
            shoppers: Mutex::new(shoppers),
            changed: Notify::new(),
        })
    }

    /// The shopper with this session id.
    pub fn find(&self, session_id: &str) -> Option<Handle> {
        let mut shoppers = self.shoppers.lock().unwrap_or_else(PoisonError::into_inner);
        let used = next_use(&shoppers);
        let entry = shoppers.get_mut(&digest(session_id))?;
        entry.used = used;
        Some(Arc::clone(&entry.shopper))
    }

    /// A new shopper under an id of this server's making: never under one that a browser brought.
    ///
    /// # Errors
    /// When no random id can be made.
    pub fn open(&self) -> Result<(String, Handle), RngError> {
        let session_id = rng::session_id()?;
        let shopper = Handle::default();
        let mut shoppers = self.shoppers.lock().unwrap_or_else(PoisonError::into_inner);
        if shoppers.len() >= MAX_SHOPPERS {
            let oldest = shoppers.iter().min_by_key(|(_, entry)| entry.used);
            if let Some(oldest) = oldest.map(|(digest, _)| digest.clone()) {
                shoppers.remove(&oldest);
            }
        }
        let used = next_use(&shoppers);
        shoppers.insert(
            digest(&session_id),
            Entry {
                shopper: Arc::clone(&shopper),
                used,
            },
        );
        Ok((session_id, shopper))
    }

    /// Tells [`Self::keep_in`] that there is something to write.
    pub fn changed(&self) {
        self.changed.notify_one();
    }

    /// Writes the shoppers to `path` after each change, until the task is dropped.
    pub async fn keep_in(&self, path: PathBuf) {
        loop {
            self.changed.notified().await;
            if let Err(error) = self.save(&path).await {
                tracing::error!(%error, path = %path.display(), "carts and orders were not saved");
            }
        }
    }

    /// Writes the shoppers to `path` now.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn save(&self, path: &std::path::Path) -> std::io::Result<()> {
        let handles: Vec<_> = {
            let shoppers = self.shoppers.lock().unwrap_or_else(PoisonError::into_inner);
            shoppers
                .iter()
                .map(|(key, entry)| (key.clone(), Arc::clone(&entry.shopper)))
                .collect()
        };
        let mut shoppers = Vec::with_capacity(handles.len());
        for (digest, handle) in handles {
            let shopper: OwnedMutexGuard<Shopper> = handle.lock_owned().await;
            shoppers.push((digest, shopper.clone()));
        }
        file::save(path, shoppers).await
    }
}

fn next_use(shoppers: &HashMap<String, Entry>) -> u64 {
    shoppers
        .values()
        .map(|entry| entry.used)
        .max()
        .unwrap_or(0)
        .saturating_add(1)
}

fn digest(session_id: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(session_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;

    #[tokio::test]
    async fn shoppers_survive_a_restart_and_their_ids_do_not_lie_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.json");
        let registry = Registry::load(&path).unwrap();
        let (id, handle) = registry.open().unwrap();
        handle.lock().await.basket.add(Product::Seal, 3);
        registry.save(&path).await.unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains(&id));

        let again = Registry::load(&path).unwrap();
        let shopper = again.find(&id).unwrap();
        assert_eq!(shopper.lock().await.basket.quantity(Product::Seal), 3);
        assert!(again.find(&digest(&id)).is_none());
    }

    #[test]
    fn the_shopper_unused_for_longest_is_forgotten() {
        let registry = Registry::default();
        let ids: Vec<_> = (0..MAX_SHOPPERS)
            .map(|_| registry.open().unwrap().0)
            .collect();
        assert!(registry.find(&ids[0]).is_some());
        registry.open().unwrap();
        assert!(registry.find(&ids[0]).is_some());
        assert!(registry.find(&ids[1]).is_none());
    }
}
