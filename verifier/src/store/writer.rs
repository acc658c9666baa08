//! The one writer thread and its grouped commits.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;

/// Jobs that may wait; beyond that the caller is told that the store is busy.
const QUEUE: usize = 4096;
/// Jobs that share one commit at most. With half of the callers answered, the other cores have work
/// while the rest is written: 32 measured faster than 256 at 64 connections.
const GROUP: usize = 32;

/// The transaction that a job runs in.
pub struct Tx<'c>(&'c Connection);

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

/// Tells a job's caller how it went, once the group's commit is known.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;

/// What the writer is told.
enum Message {
    Close(oneshot::Sender<()>),
    Run(Job),
}

pub(super) struct Writer(SyncSender<Message>);

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&connection, &receiver))
            .map_err(|_| StoreError::Closed)?;
        Ok(Self(sender))
    }

    pub(super) async fn run<T, F>(&self, name: &'static str, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = in_savepoint(connection, name, job);
            Box::new(move |committed| {
                // A caller that has gone away no longer wants the answer.
                drop(sender.send(committed.and(result)));
            })
        });
        self.0
            .try_send(Message::Run(job))
            .map_err(|error| match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => StoreError::Closed,
            })?;
        receiver.await.map_err(|_| StoreError::Closed)?
    }

    /// Returns when everything that was sent before is written and the log is folded back.
    pub(super) async fn close(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.0.try_send(Message::Close(sender)).is_ok() {
            // No answer means that it is gone already.
            drop(receiver.await);
        }
    }
}

fn serve(connection: &Connection, messages: &Receiver<Message>) {
    while let Ok(message) = messages.recv() {
        let closing = match message {
            Message::Close(sender) => Some(sender),
            Message::Run(first) => run_group(connection, first, messages),
        };
        if let Some(sender) = closing {
            // Where another process reads, the rest is folded back when that one ends.
            drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
            // Who waited may have gone away.
            let _ = sender.send(());
            return;
        }
    }
}

/// Runs `first`, and what waits behind it, in one transaction. Whom to tell, if that was to close.
fn run_group(
    connection: &Connection,
    first: Job,
    messages: &Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    let mut answers = Vec::with_capacity(GROUP);
    let mut closing = None;
    let begun = connection.execute_batch("BEGIN IMMEDIATE");
    if begun.is_ok() {
        answers.push(first(connection));
        while answers.len() < GROUP && closing.is_none() {
            match messages.try_recv() {
                Ok(Message::Close(sender)) => closing = Some(sender),
                Ok(Message::Run(job)) => answers.push(job(connection)),
                Err(_) => break,
            }
        }
    } else {
        // Dropping the job unrun closes its channel: the caller gets `Closed`.
        drop(first);
    }
    let committed = begun
        .and_then(|()| connection.execute_batch("COMMIT"))
        .map_err(StoreError::from);
    if let Err(error) = &committed {
        tracing::error!(event = "commit_failed", jobs = answers.len(), %error);
        // After a failed COMMIT the transaction may still be open.
        drop(connection.execute_batch("ROLLBACK"));
    }
    for answer in answers {
        answer(match committed {
            Ok(()) => Ok(()),
            Err(_) => Err(StoreError::CommitFailed),
        });
    }
    closing
}

fn in_savepoint<T, F>(connection: &Connection, name: &'static str, job: F) -> Result<T, StoreError>
where
    F: FnOnce(&Tx<'_>) -> Result<T, StoreError>,
{
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| job(&Tx(connection)))).unwrap_or_else(|_| {
        tracing::error!(event = "store_job_panicked", job = name);
        Err(StoreError::Panicked(name))
    });
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    result
}
