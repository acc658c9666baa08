//! Of several verifiers on a database one passes entries or roots on to a place: the one that holds its lease.

use crate::{
    clock::Timestamp,
    store::{Store, StoreError, leases},
};

/// Seconds after which another takes over from one that is gone.
const LEASE_S: i64 = 30;
/// Seconds that are left at least when something is passed on, which takes less.
const LEFT_S: i64 = 15;

/// A place's lease.
pub(super) struct Lease {
    name: String,
    holder: [u8; 16],
    ends_at: Option<Timestamp>,
}

impl Lease {
    /// Of a place, for one process, which is told from others by `holder`.
    pub(super) const fn new(name: String, holder: [u8; 16]) -> Self {
        Self {
            name,
            holder,
            ends_at: None,
        }
    }

    /// Takes it, or renews it when it ends soon; gives whether it is held for long enough now.
    pub(super) async fn hold(&mut self, store: &Store, now: Timestamp) -> Result<bool, StoreError> {
        if self
            .ends_at
            .is_some_and(|ends_at| now.plus_seconds(LEFT_S) < ends_at)
        {
            return Ok(true);
        }
        let (name, holder) = (self.name.clone(), self.holder);
        let asked = name.clone();
        // Without keeping other jobs waiting.
        let is_anothers =
            store.read(move |connection| leases::is_anothers(connection, &asked, &holder, now));
        if is_anothers.await? {
            self.ends_at = None;
            return Ok(false);
        }
        let ends_at = now.plus_seconds(LEASE_S);
        let taken = store.write("take_lease", move |tx| {
            leases::take(tx, &name, &holder, now, ends_at)
        });
        let is_held = taken.await?;
        self.ends_at = is_held.then_some(ends_at);
        Ok(is_held)
    }
}
