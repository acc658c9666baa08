//! Jobs in SQLite: all that wait share one commit, each in a savepoint of its own.

use std::path::Path;

use rusqlite::Connection as Sqlite;

use super::{
    super::{
        Connection, StoreError,
        job::{Job, Ran},
        writer::Engine,
    },
    checkpoint::Checkpointer,
    whereabouts::Whereabouts,
};

/// Jobs that share one commit at most. With half of the callers answered, the other cores have work
/// while the rest is written: 32 measured faster than 256 at 64 connections.
const GROUP: usize = 32;

/// What the one that writes keeps in memory, in KiB; readers make do with less.
const CACHE: &str = "PRAGMA cache_size = -8192";

pub(in crate::store) struct SqliteWriter {
    connection: Connection,
    checkpointer: Checkpointer,
    whereabouts: Whereabouts,
}

impl SqliteWriter {
    /// On a connection to the file at `path`, and on a second one for checkpoints.
    pub(in crate::store) fn new(
        path: &Path,
        connection: Connection,
        second: Sqlite,
    ) -> Result<Self, StoreError> {
        connection.run(CACHE)?;
        Ok(Self {
            connection,
            checkpointer: Checkpointer::start(second)?,
            whereabouts: Whereabouts::of(path)?,
        })
    }

    /// Runs jobs; gives each with its savepoint's end, and whether the transaction is open still: a full disk
    /// makes SQLite roll it back by itself.
    fn run_all(
        &self,
        first: Box<dyn Job>,
        more: &mut dyn FnMut() -> Option<Box<dyn Job>>,
    ) -> Group {
        let mut jobs = Vec::with_capacity(GROUP);
        let mut next = Some(first);
        while let Some(mut job) = next {
            let ran = in_savepoint(&self.connection, &mut *job);
            jobs.push((job, ran));
            let is_open = self
                .connection
                .sqlite()
                .is_some_and(|own| !own.is_autocommit());
            if !is_open {
                return (jobs, false);
            }
            next = if jobs.len() < GROUP { more() } else { None };
        }
        (jobs, true)
    }
}

/// Jobs that were run, and whether their transaction is open.
type Group = (Vec<(Box<dyn Job>, Result<(), StoreError>)>, bool);

impl Engine for SqliteWriter {
    fn run(&mut self, first: Box<dyn Job>, more: &mut dyn FnMut() -> Option<Box<dyn Job>>) {
        let begun = self.whereabouts.check();
        let begun = begun.and_then(|()| self.connection.run("BEGIN IMMEDIATE"));
        if let Err(error) = begun {
            tracing::error!(event = "begin_failed", %error);
            first.answer(Err(StoreError::Closed));
            return;
        }
        self.connection.remember_heads();
        let (jobs, is_open) = self.run_all(first, more);
        self.connection.forget_heads();
        let committed = if is_open {
            self.connection.run("COMMIT")
        } else {
            Err(StoreError::CommitFailed)
        };
        if let Err(error) = &committed {
            tracing::error!(event = "commit_failed", jobs = jobs.len(), %error);
            // After a failed COMMIT the transaction may still be open.
            drop(self.connection.run("ROLLBACK"));
        }
        for (job, ran) in jobs {
            let committed = match &committed {
                Ok(()) => ran,
                Err(_) => Err(StoreError::CommitFailed),
            };
            job.answer(committed);
        }
        if let Some(connection) = self.connection.sqlite() {
            self.checkpointer.committed(connection);
        }
    }

    fn close(&mut self) {
        // Where another process reads, the rest is folded back when that one ends.
        drop(self.connection.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
}

/// The error is the savepoint's own: the job's is with the job.
fn in_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    connection.execute("SAVEPOINT job", &[])?;
    if job.run(connection) != Ran::Well {
        connection.execute("ROLLBACK TO job", &[])?;
        // They may be those of entries that are gone.
        connection.remember_heads();
    }
    connection.execute("RELEASE job", &[])?;
    Ok(())
}
