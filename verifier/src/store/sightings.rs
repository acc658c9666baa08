//! Tables `seen_country` and `seen_place`: where callers call from.

use super::{Connection, StoreError, Subject, Tx};
use crate::{clock::Timestamp, values};

/// Where somebody was seen last.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeenPlace {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Ten-thousandths of a degree, north positive.
    pub latitude_e4: i64,
    /// Ten-thousandths of a degree, east positive.
    pub longitude_e4: i64,
    /// When.
    pub at: Timestamp,
}

/// Notes that a subject was seen in a country, unless it was before; gives when it was first seen in any, if
/// this country is new.
///
/// # Errors
/// When the store fails.
pub fn note_country(
    tx: &Tx<'_>,
    subject: &Subject,
    country: &str,
    at: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let added = tx.execute(
        "INSERT INTO seen_country (subject_kind, subject, country, first_seen_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (subject_kind, subject, country) DO NOTHING",
        values![subject.kind, subject.id, country, at],
    )?;
    if added == 0 {
        return Ok(None);
    }
    tx.the_row(
        "SELECT min(first_seen_at) FROM seen_country WHERE subject_kind = ?1 AND subject = ?2",
        values![subject.kind, subject.id],
        |row| row.get(0),
    )
}

/// Where a subject was seen last.
///
/// # Errors
/// When the store fails.
pub fn place(connection: &Connection, subject: &Subject) -> Result<Option<SeenPlace>, StoreError> {
    connection.row(
        "SELECT country, latitude, longitude, at FROM seen_place WHERE subject_kind = ?1 AND subject = ?2",
        values![subject.kind, subject.id],
        |row| {
            Ok(SeenPlace {
                country: row.get(0)?,
                latitude_e4: row.get(1)?,
                longitude_e4: row.get(2)?,
                at: row.get(3)?,
            })
        },
    )
}

/// Notes where a subject was seen last.
///
/// # Errors
/// When the store fails.
pub fn put_place(tx: &Tx<'_>, subject: &Subject, place: &SeenPlace) -> Result<(), StoreError> {
    tx.execute_any(
        "INSERT INTO seen_place (subject_kind, subject, country, latitude, longitude, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (subject_kind, subject) DO UPDATE SET country = excluded.country,
             latitude = excluded.latitude, longitude = excluded.longitude, at = excluded.at",
        values![
            subject.kind,
            subject.id,
            place.country,
            place.latitude_e4,
            place.longitude_e4,
            place.at
        ],
    )
}
