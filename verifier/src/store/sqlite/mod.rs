//! SQLite: one file, opened by one process that writes.

mod checkpoint;
mod migrate;
mod value;
mod whereabouts;
mod writer;

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

pub(super) use migrate::{check, run as migrate};
pub(super) use writer::SqliteWriter;

/// Makes the file if there is none: before SQLite opens it, which would take the umask's mode; its log
/// files follow.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| StoreError::File(path.to_owned(), error.kind()))
}

pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // FULL: a commit that was answered survives a power cut. secure_delete: what is erased is gone
    // from the file. No autocheckpoint: see checkpoint.rs.
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -2048;
         PRAGMA wal_autocheckpoint = 0;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Writes a copy of the whole database, as of one moment, into the empty file at `target`.
pub(super) fn copy_into(connection: &Connection, target: &Path) -> Result<(), StoreError> {
    connection.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    Ok(())
}
