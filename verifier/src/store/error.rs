//! What can go wrong in the store.

use std::path::PathBuf;

/// A failure of the store; never holds what was being stored.
#[derive(Debug)]
pub enum StoreError {
    /// Too many changes wait to be written.
    Busy,
    /// The job was not run: no transaction could be begun, or the process is stopping.
    Closed,
    /// The commit that the change was part of failed: nothing was stored.
    CommitFailed,
    /// A stored row cannot be decrypted, or is not what its place says.
    Damaged(&'static str),
    /// Another statement's conflict that the caller handles.
    Conflict,
    /// The database file cannot be opened.
    File(PathBuf, std::io::ErrorKind),
    /// There is no database file.
    Missing(PathBuf),
    /// The schema cannot be brought up to date.
    Migration(String),
    /// A job panicked and was rolled back.
    Panicked(&'static str),
    /// The random number generator failed.
    Rng,
    /// The database file cannot be used, and why.
    Unusable(PathBuf, String),
    /// SQLite's own error: code and static text only, never bound values.
    Sqlite(rusqlite::Error),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => f.write_str("too many changes wait to be written"),
            Self::Closed => f.write_str("the store is closed"),
            Self::CommitFailed => f.write_str("the commit failed; nothing was stored"),
            Self::Conflict => f.write_str("a row of that key exists"),
            Self::Damaged(what) => write!(f, "{what} is damaged or not in its place"),
            Self::File(path, kind) => write!(f, "{}: {kind}", path.display()),
            Self::Migration(problem) => write!(f, "schema: {problem}"),
            Self::Missing(path) => {
                write!(
                    f,
                    "no database at {}: make one with `verifier init`",
                    path.display()
                )
            }
            Self::Panicked(job) => write!(f, "the job {job} panicked and was rolled back"),
            Self::Rng => f.write_str("the random number generator failed"),
            Self::Unusable(path, problem) => write!(f, "{}: {problem}", path.display()),
            // Its own message may quote a statement.
            Self::Sqlite(error) => match error.sqlite_error() {
                Some(code) => write!(f, "SQLite: {code}"),
                None => f.write_str("SQLite: a statement and its columns do not fit"),
            },
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<crate::rng::RngError> for StoreError {
    fn from(_: crate::rng::RngError) -> Self {
        Self::Rng
    }
}
