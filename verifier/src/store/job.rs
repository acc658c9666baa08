//! What the writer runs.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
};

use tokio::sync::oneshot;

use super::{Connection, StoreError};

/// The transaction that a job runs in.
pub struct Tx<'c>(pub(super) &'c Connection);

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

/// What a job reads or writes that another may write at the same time: two jobs that touch the same never
/// run side by side.
#[derive(Clone, Debug, Default)]
pub struct Touches(Vec<u64>);

impl Touches {
    /// Adds one thing of a kind.
    #[must_use]
    pub fn and(mut self, kind: &str, thing: &(impl Hash + ?Sized)) -> Self {
        // A collision only makes one job wait for another.
        let mut hasher = DefaultHasher::new();
        kind.hash(&mut hasher);
        thing.hash(&mut hasher);
        self.0.push(hasher.finish());
        self
    }

    pub(super) fn hashes(&self) -> &[u64] {
        &self.0
    }
}

/// How running a job went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ran {
    /// To be rolled back.
    Failed,
    /// To be committed.
    Well,
    /// It asked for rows that are not read yet: to be run again when they are.
    Unread,
}

/// A job that waits, with whom to tell how it went.
pub(super) trait Job: Send {
    /// Runs it. It may be run again, until it is answered.
    fn run(&mut self, connection: &Connection) -> Ran;
    /// Tells its caller, once it is known whether it was committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
    /// What it touches; `None`: everything.
    fn touches(&self) -> Option<&Touches>;
}

/// A job that runs once, alone.
pub(super) struct Alone<T, F> {
    pub(super) name: &'static str,
    pub(super) job: Option<F>,
    pub(super) result: Result<T, StoreError>,
    pub(super) caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Alone<T, F>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> Ran {
        let Some(job) = self.job.take() else {
            return Ran::Failed;
        };
        self.result = caught(self.name, || job(&Tx(connection)));
        ran(&self.result)
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        // A caller that has gone away no longer wants the answer.
        drop(self.caller.send(committed.and(self.result)));
    }

    fn touches(&self) -> Option<&Touches> {
        None
    }
}

/// A job that runs beside others that touch nothing of what it touches.
pub(super) struct Grouped<T, F> {
    pub(super) name: &'static str,
    pub(super) job: F,
    pub(super) touches: Touches,
    pub(super) result: Result<T, StoreError>,
    pub(super) caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Grouped<T, F>
where
    T: Send,
    F: Fn(&Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> Ran {
        self.result = caught(self.name, || (self.job)(&Tx(connection)));
        ran(&self.result)
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        // A caller that has gone away no longer wants the answer.
        drop(self.caller.send(committed.and(self.result)));
    }

    fn touches(&self) -> Option<&Touches> {
        Some(&self.touches)
    }
}

fn ran<T>(result: &Result<T, StoreError>) -> Ran {
    match result {
        Ok(_) => Ran::Well,
        Err(StoreError::Unread) => Ran::Unread,
        Err(_) => Ran::Failed,
    }
}

fn caught<T>(
    name: &'static str,
    job: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
        tracing::error!(event = "store_job_panicked", job = name);
        Err(StoreError::Panicked(name))
    })
}
