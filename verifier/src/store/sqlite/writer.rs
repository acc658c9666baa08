//! Jobs in SQLite: all that wait share one commit, each in a savepoint of its own.

use rusqlite::Connection as Sqlite;

use super::super::{
    Connection, StoreError,
    job::{Job, Ran},
    writer::Engine,
};

/// Jobs that share one commit at most. With half of the callers answered, the other cores have work
/// while the rest is written: 32 measured faster than 256 at 64 connections.
const GROUP: usize = 32;

pub(in crate::store) struct SqliteWriter(Connection);

impl SqliteWriter {
    pub(in crate::store) fn new(connection: Sqlite) -> Self {
        Self(connection.into())
    }
}

impl Engine for SqliteWriter {
    fn run(&mut self, first: Box<dyn Job>, more: &mut dyn FnMut() -> Option<Box<dyn Job>>) {
        let connection = &self.0;
        if let Err(error) = connection.run("BEGIN IMMEDIATE") {
            tracing::error!(event = "begin_failed", %error);
            first.answer(Err(StoreError::Closed));
            return;
        }
        let mut jobs = Vec::with_capacity(GROUP);
        let mut next = Some(first);
        while let Some(mut job) = next {
            let ran = in_savepoint(connection, &mut *job);
            jobs.push((job, ran));
            next = if jobs.len() < GROUP { more() } else { None };
        }
        let committed = connection.run("COMMIT");
        if let Err(error) = &committed {
            tracing::error!(event = "commit_failed", jobs = jobs.len(), %error);
            // After a failed COMMIT the transaction may still be open.
            drop(connection.run("ROLLBACK"));
        }
        for (job, ran) in jobs {
            let committed = match &committed {
                Ok(()) => ran,
                Err(_) => Err(StoreError::CommitFailed),
            };
            job.answer(committed);
        }
    }

    fn close(&mut self) {
        // Where another process reads, the rest is folded back when that one ends.
        drop(self.0.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
}

/// The error is the savepoint's own: the job's is with the job.
fn in_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    connection.execute("SAVEPOINT job", &[])?;
    if job.run(connection) != Ran::Well {
        connection.execute("ROLLBACK TO job", &[])?;
    }
    connection.execute("RELEASE job", &[])?;
    Ok(())
}
