//! Table `traffic`: requests a minute, which verifiers count together.

use super::{Connection, StoreError, Subject, Tx};
use crate::values;

/// Requests of one minute.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Minute {
    /// Minutes since the Unix epoch.
    pub minute: i64,
    /// Requests.
    pub requests: u64,
    /// Of these, those that were refused or failed.
    pub errors: u64,
}

/// Adds what one verifier counted.
///
/// # Errors
/// When the store fails.
pub fn add(tx: &Tx<'_>, subject: &Subject, counted: Minute) -> Result<(), StoreError> {
    tx.execute_any(
        "INSERT INTO traffic (subject_kind, subject, minute, requests, errors) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (subject_kind, subject, minute) DO UPDATE SET
             requests = traffic.requests + excluded.requests, errors = traffic.errors + excluded.errors",
        values![
            subject.kind,
            subject.id,
            counted.minute,
            counted.requests,
            counted.errors
        ],
    )
}

/// Every subject's minutes from `first` to `last`, by subject and time. Minutes without a request are not there.
///
/// # Errors
/// When the store fails.
pub fn between(
    connection: &Connection,
    first: i64,
    last: i64,
) -> Result<Vec<(Subject, Minute)>, StoreError> {
    connection.rows(
        "SELECT subject_kind, subject, minute, requests, errors FROM traffic
         WHERE minute >= ?1 AND minute <= ?2 ORDER BY subject_kind, subject, minute",
        values![first, last],
        |row| {
            let subject = Subject {
                kind: row.get(0)?,
                id: row.get(1)?,
            };
            let minute = Minute {
                minute: row.get(2)?,
                requests: row.get(3)?,
                errors: row.get(4)?,
            };
            Ok((subject, minute))
        },
    )
}

/// Forgets minutes before `before`, `most` at most.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, before: i64, most: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM traffic WHERE (subject_kind, subject, minute) IN (
             SELECT subject_kind, subject, minute FROM traffic WHERE minute < ?1 LIMIT ?2)",
        values![before, most],
    )
}
