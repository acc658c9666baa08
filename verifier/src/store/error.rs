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
    /// The database server cannot be used, and why.
    Database(String, String),
    /// The database file cannot be opened.
    File(PathBuf, std::io::ErrorKind),
    /// There is no database file.
    Missing(PathBuf),
    /// The schema cannot be brought up to date.
    Migration(String),
    /// The path of the open database leads to another file, or to none.
    Moved(PathBuf),
    /// The database is on a server, where a file is wanted.
    NotAFile,
    /// An audit entry of this action is of no kind that there is, or has a field that its kind has not.
    NotLoggable(&'static str),
    /// A statement cannot be put for many calls at once; every one that a group runs has to.
    NotForMany,
    /// A job panicked and was rolled back.
    Panicked(&'static str),
    /// PostgreSQL's own error: its code only, never bound values.
    Postgres(Option<String>),
    /// The random number generator failed.
    Rng,
    /// Rows that the job asked for are not read yet: it runs again when they are. No caller sees it.
    Unread,
    /// The database server does not answer.
    Unreachable,
    /// The database file cannot be used, and why.
    Unusable(PathBuf, String),
    /// SQLite's own error: code and static text only, never bound values.
    Sqlite(rusqlite::Error),
}

impl StoreError {
    /// Whether the same may go well a while later: a server or a disk that is not there now.
    pub fn may_pass(&self) -> bool {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly, SystemIoFailure,
        };
        match self {
            Self::Busy
            | Self::Closed
            | Self::CommitFailed
            | Self::Database(..)
            | Self::Unreachable => true,
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    CannotOpen
                        | DatabaseBusy
                        | DatabaseLocked
                        | DiskFull
                        | ReadOnly
                        | SystemIoFailure
                )
            ),
            // Class 53 is a lack of resources, 57 an operator's hand, 40 a transaction rolled back.
            Self::Postgres(Some(code)) => ["53", "57", "40"]
                .iter()
                .any(|class| code.starts_with(class)),
            _ => false,
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => f.write_str("too many changes wait to be written"),
            Self::Closed => f.write_str("the store is closed"),
            Self::CommitFailed => f.write_str("the commit failed; nothing was stored"),
            Self::Conflict => f.write_str("a row of that key exists"),
            Self::Damaged(what) => write!(f, "{what} is damaged or not in its place"),
            Self::Database(place, problem) => write!(f, "{place}: {problem}"),
            Self::File(path, kind) => write!(f, "{}: {kind}", path.display()),
            Self::Migration(problem) => write!(f, "schema: {problem}"),
            Self::Missing(path) => {
                write!(
                    f,
                    "no database at {}: make one with `verifier init`",
                    path.display()
                )
            }
            Self::Moved(path) => write!(
                f,
                "{} was moved away or replaced: put it back, or stop the verifier first",
                path.display()
            ),
            Self::NotAFile => {
                f.write_str("the database is on a server: use pg_dump and pg_restore")
            }
            Self::NotLoggable(action) => {
                write!(f, "the audit takes no such entry of {action}")
            }
            Self::NotForMany => f.write_str("a statement is not made for a group"),
            Self::Panicked(job) => write!(f, "the job {job} panicked and was rolled back"),
            Self::Postgres(Some(code)) => write!(f, "PostgreSQL: {code}"),
            Self::Postgres(None) => {
                f.write_str("PostgreSQL: a statement and its columns do not fit")
            }
            Self::Rng => f.write_str("the random number generator failed"),
            Self::Unread => f.write_str("rows are not read yet"),
            Self::Unreachable => f.write_str("the database server does not answer"),
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

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        if error.is_closed() {
            return Self::Unreachable;
        }
        match error.code() {
            Some(code) => Self::Postgres(Some(code.code().to_owned())),
            // The connection broke in the midst of something.
            None if std::error::Error::source(&error)
                .is_some_and(<dyn std::error::Error>::is::<std::io::Error>) =>
            {
                Self::Unreachable
            }
            None => Self::Postgres(None),
        }
    }
}

impl From<crate::rng::RngError> for StoreError {
    fn from(_: crate::rng::RngError) -> Self {
        Self::Rng
    }
}
