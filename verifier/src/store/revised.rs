//! What is held in memory of rows that any process may change: read again when the store has another revision of them.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::Mutex;

use super::{Connection, Store, StoreError};

/// `T` as it was read last.
#[derive(Default)]
pub struct Revised<T> {
    current: RwLock<Arc<T>>,
    /// No store has 0.
    revision: AtomicU64,
    /// Two that read at once could put the former rows back in the place of the later ones.
    reading: Mutex<()>,
}

impl<T> Revised<T> {
    /// What was read last.
    pub fn current(&self) -> Arc<T> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has `read` read again if the store has another revision; `hold` makes of that, and of what is held, what is held
    /// from then on. Gives whether it was read.
    ///
    /// # Errors
    /// When the store fails; the former rows stay in use.
    pub async fn refresh<R: Send + 'static>(
        &self,
        store: &Store,
        revision: fn(&Connection) -> Result<u64, StoreError>,
        read: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
        hold: impl FnOnce(R, &T) -> T,
    ) -> Result<bool, StoreError> {
        let _reading = self.reading.lock().await;
        let known = self.revision.load(Ordering::Acquire);
        let found = store.read(move |connection| {
            // Before the rows: a change in between is then seen as one.
            let revision = revision(connection)?;
            if revision == known {
                return Ok(None);
            }
            Ok(Some((revision, read(connection)?)))
        });
        let Some((revision, rows)) = found.await? else {
            return Ok(false);
        };
        let next = hold(rows, &self.current());
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        self.revision.store(revision, Ordering::Release);
        Ok(true)
    }
}
