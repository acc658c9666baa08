//! PostgreSQL: for several verifiers on one database.
//!
//! A job is written as if its statements ran one by one, on either engine. In a group they do not: jobs that
//! touch nothing in common run side by side, each against the rows that were read so far. What a job
//! misses is noted, read for all jobs at once, and the jobs run again; when none misses anything, what they
//! write goes out in one statement for each kind. So a group costs a handful of round trips however many
//! jobs it has, and no job knows of it.
//!
//! Between verifiers nothing is locked for a group but a shared lock: unique keys, and counts of the rows
//! that an update was meant for, show that another verifier came first; then the group is rolled back and
//! each of its jobs runs alone, under the lock that keeps all others out.
//!
//! What has neither a key nor a count is not guarded so: a sum of the velocity rule that two verifiers take at
//! the same moment is without what the other is about to add.

mod group;
mod migrate;
mod session;
mod statement;
mod url;
mod value;
mod writer;

pub(super) use migrate::{check, run as migrate};
pub(super) use session::Session;
pub use url::{PostgresUrl, UrlError, Writing};
pub(super) use writer::PostgresWriter;
