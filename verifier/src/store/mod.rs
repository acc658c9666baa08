//! What is kept: one SQLite file, one writer, several readers.
//!
//! Every change goes through [`Store::write`]: all that wait are taken into one transaction and
//! answered after its commit, so that a durable commit is shared. A job's own failure rolls back that
//! job alone.

pub mod alerts;
pub mod audit;
pub mod cards;
pub mod clients;
mod columns;
pub mod crypter;
mod error;
pub mod heartbeat;
pub mod idempotency;
pub mod key_state;
pub mod key_uses;
pub mod keys;
pub mod merchants;
mod migrate;
mod readers;
pub mod retention;
pub mod sessions;
pub mod submissions;
pub mod velocity;
mod writer;

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path};

use rusqlite::{Connection, OpenFlags};

pub use error::StoreError;
pub use writer::Tx;

use readers::Readers;
use writer::Writer;

/// Readers that may work at once.
const READERS: usize = 4;

/// A handle on the database; cheap to share behind an `Arc`.
pub struct Store {
    writer: Writer,
    readers: Readers,
}

impl Store {
    /// Opens the database at `path`, which must exist, and brings its schema up to date.
    ///
    /// # Errors
    /// When it is missing, damaged, of a newer schema, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        Self::create(path)
    }

    /// Like [`Store::open`], but makes the database when it is missing.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        // Made before SQLite opens it, which would take the umask's mode; its log files follow.
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| StoreError::File(path.to_owned(), error.kind()))?;
        let unusable = |error: StoreError| StoreError::Unusable(path.to_owned(), error.to_string());
        let mut connection = connect(path).map_err(unusable)?;
        migrate::run(&mut connection).map_err(unusable)?;
        let readers = (0..READERS)
            .map(|_| connect(path))
            .collect::<Result<_, _>>()
            .map_err(unusable)?;
        Ok(Self {
            writer: Writer::start(connection)?,
            readers: Readers::new(readers),
        })
    }

    /// Runs `job` in the writer's next transaction and answers after its commit. `name` is for the
    /// log. An `Err` rolls `job` back, and nothing else.
    ///
    /// # Errors
    /// What `job` gave, or the commit's failure.
    pub async fn write<T, F>(&self, name: &'static str, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.run(name, job).await
    }

    /// Ends the writer when all that waits is written, and folds the log back into the database file, so
    /// that the file alone is whole.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// Runs `query` on a reader, away from the async threads.
    ///
    /// # Errors
    /// What `query` gave.
    pub async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.readers.run(query).await
    }
}

/// Writes a copy of the whole database, as of one moment, into the empty file at `target`.
///
/// # Errors
/// When the file cannot be written.
pub fn copy_into(connection: &Connection, target: &Path) -> Result<(), StoreError> {
    let target = target.to_string_lossy();
    connection.execute("VACUUM INTO ?1", [target])?;
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // FULL: a commit that was answered survives a power cut. secure_delete: what is erased is gone
    // from the file. The large autocheckpoint halves the cost of checkpoints on a large database.
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 16000;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
