//! Folds the write-ahead log back into the database file while the writer goes on.
//!
//! A checkpoint copies thousands of pages and syncs them; in the writer's thread every caller would wait
//! for it. A thread with a connection of its own copies most of the log instead. It never catches up with
//! a writer that goes on, and only a log that is copied whole starts anew: the writer copies the few
//! pages that are left by itself, between two commits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use rusqlite::Connection;

use super::super::StoreError;

/// Pages in the log from which on it is worth copying.
const ENOUGH: u32 = 32_000;
/// Pages that the writer may copy by itself: a few milliseconds.
const FEW: u32 = 2_000;
/// Times that the thread copies what came while it copied, before it leaves the rest to the writer.
const PASSES: u32 = 4;
/// Commits between two looks at the log.
const COMMITS: u32 = 16;

/// The writer's end.
pub(super) struct Checkpointer {
    wake: SyncSender<()>,
    is_nearly_done: Arc<AtomicBool>,
    commits: u32,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own. It ends when this end is dropped.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (wake, woken) = sync_channel(1);
        let is_nearly_done = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_nearly_done);
        thread::Builder::new()
            .name("store-checkpointer".to_owned())
            .spawn(move || serve(&connection, &woken, &told))
            .map_err(|_| StoreError::Closed)?;
        Ok(Self {
            wake,
            is_nearly_done,
            commits: 0,
        })
    }

    /// After each commit of `writer`.
    pub(super) fn committed(&mut self, writer: &Connection) {
        if self.is_nearly_done.swap(false, Ordering::Acquire) {
            // What it could not copy is copied the next time.
            drop(checkpoint(writer));
        }
        self.commits += 1;
        if self.commits >= COMMITS {
            self.commits = 0;
            // Full: it has been told already.
            let _ = self.wake.try_send(());
        }
    }
}

fn serve(connection: &Connection, woken: &Receiver<()>, is_nearly_done: &AtomicBool) {
    while woken.recv().is_ok() {
        let mut left = log_pages(connection);
        if left < ENOUGH {
            continue;
        }
        for _ in 0..PASSES {
            match checkpoint(connection) {
                Ok(now) => left = now,
                Err(error) => {
                    tracing::error!(event = "checkpoint_failed", %error);
                    break;
                }
            }
            if left < FEW {
                break;
            }
        }
        is_nearly_done.store(true, Ordering::Release);
    }
}

/// Pages of the log that are not copied yet; none where it cannot be told.
fn log_pages(connection: &Connection) -> u32 {
    left(connection, "PRAGMA wal_checkpoint(NOOP)").unwrap_or(0)
}

/// Copies what can be copied without anybody's waiting; gives how many pages are left.
fn checkpoint(connection: &Connection) -> Result<u32, StoreError> {
    left(connection, "PRAGMA wal_checkpoint(PASSIVE)")
}

fn left(connection: &Connection, pragma: &str) -> Result<u32, StoreError> {
    let pages = connection.query_row(pragma, [], |row| {
        Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    let (all, copied) = pages?;
    Ok(u32::try_from(all - copied).unwrap_or(0))
}
