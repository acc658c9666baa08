//! Table `failed_authentication`: failures of the last minutes, which verifiers count together.

use super::{Connection, StoreError, Subject, Tx};
use crate::{clock::Timestamp, values};

/// Failures of one subject at one instant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failures {
    /// When.
    pub at: Timestamp,
    /// How many.
    pub count: u32,
}

/// Adds failures that one verifier counted. `part` is random, so that several verifiers' rows are apart.
///
/// # Errors
/// When the store fails.
pub fn insert(
    tx: &Tx<'_>,
    subject: &Subject,
    failures: Failures,
    part: [u8; 16],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO failed_authentication (subject_kind, subject, at, part, count)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        values![subject.kind, subject.id, failures.at, part, failures.count],
    )?;
    Ok(())
}

/// A subject's failures after `since` (exclusive), oldest first, of the latest `limit` rows.
///
/// # Errors
/// When the store fails.
pub fn since(
    connection: &Connection,
    subject: &Subject,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Failures>, StoreError> {
    let mut latest = connection.rows(
        "SELECT at, count FROM failed_authentication
         WHERE subject_kind = ?1 AND subject = ?2 AND at > ?3 ORDER BY at DESC LIMIT ?4",
        values![subject.kind, subject.id, since, limit],
        |row| {
            Ok(Failures {
                at: row.get(0)?,
                count: row.get(1)?,
            })
        },
    )?;
    latest.reverse();
    Ok(latest)
}

/// Forgets failures from before an instant, `most` at most.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, before: Timestamp, most: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM failed_authentication WHERE (subject_kind, subject, at, part) IN (
             SELECT subject_kind, subject, at, part FROM failed_authentication WHERE at < ?1 LIMIT ?2)",
        values![before, most],
    )
}
