//! Counts that follow the table.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Counters, Found, Keys, Kind, counters::Counted};
use crate::{
    clock::Timestamp,
    store::{
        Connection, Store, StoreError,
        velocity_records::{self, Marks, VelocityRecord},
    },
};

/// The counts of a running verifier, with every row that was committed up to its marks.
#[derive(Default)]
pub struct Velocity {
    state: Mutex<State>,
    written: Notify,
}

#[derive(Default)]
struct State {
    counters: Counters,
    marks: Marks,
}

impl Velocity {
    /// Counts every row that there is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let velocity = Self::default();
        velocity.follow(store).await?;
        Ok(velocity)
    }

    /// Counts rows that were committed since, by whatever process; gives how many.
    ///
    /// # Errors
    /// When the store fails; what was counted by then stays so.
    pub async fn follow(&self, store: &Store) -> Result<u64, StoreError> {
        let mut counted = 0;
        loop {
            let marks = self.marks();
            let read = store.read(move |connection| velocity_records::since(connection, &marks));
            let rows = read.await?;
            let is_last = rows.len() < velocity_records::PAGE;
            counted += rows.len() as u64;
            let mut state = self.state();
            for row in rows {
                // Two may read at once.
                if state.marks.put(&row)
                    && let Some(row) = counted_of(&row)
                {
                    state.counters.add(&row);
                }
            }
            if is_last {
                return Ok(counted);
            }
        }
    }

    /// Up to where rows are counted, to read what came since.
    pub fn marks(&self) -> Marks {
        self.state().marks
    }

    /// What is known of a submission's keys before it is decided; `connection` is its transaction's, `since` marks that
    /// were taken before.
    ///
    /// # Errors
    /// When the store fails.
    pub fn find(
        &self,
        connection: &Connection,
        since: &Marks,
        own: &VelocityRecord,
    ) -> Result<Vec<(Kind, Found)>, StoreError> {
        let rows = velocity_records::since(connection, since)?;
        let Some(own) = counted_of(own) else {
            return Ok(Vec::new());
        };
        let state = self.state();
        // What is counted by now is counted once.
        let is_new = |row: &&VelocityRecord| state.marks.is_beyond(row);
        let rows: Vec<_> = rows.iter().filter(is_new).filter_map(counted_of).collect();
        Ok(state.counters.find(&own, &rows))
    }

    /// Says that there are rows to count.
    pub fn wake(&self) {
        self.written.notify_one();
    }

    /// Waits until [`Velocity::wake`] was called.
    pub async fn woken(&self) {
        self.written.notified().await;
    }

    /// Forgets what is old, of a part of all keys.
    pub fn sweep(&self, now: Timestamp) {
        let mut state = self.state();
        state.counters.sweep(seconds(now));
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        metrics::gauge!("waxseal_velocity_keys").set(state.counters.len() as f64);
    }

    /// How many keys are counted.
    pub fn keys(&self) -> usize {
        self.state().counters.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` for a row that another build wrote in another form.
fn counted_of(row: &VelocityRecord) -> Option<Counted> {
    Some(Counted {
        keys: Keys::parse(&row.keys)?,
        at_s: seconds(row.at),
        usd_micros: row.usd_micros,
        is_rejected: row.is_rejected,
    })
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.seconds()).unwrap_or(u32::MAX)
}
