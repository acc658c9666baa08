//! Table `velocity_record`: a row for each decision, of which counts are made.
//!
//! Rows are read in the order of their numbers, behind the number that was read last. A number alone would not do for
//! that: what has the lower one may be committed later. Each connection that writes to PostgreSQL has a lane of its own,
//! the number of its audit chain, and writes one transaction after the other: within a lane rows are committed in the
//! order of their numbers.

use std::sync::LazyLock;

use super::{Connection, Row, RowId, StoreError, ToValue, Tx, audit::chain::CHAINS};
use crate::{clock::Timestamp, values};

/// Rows of each lane that are read at once; in words in the statement, see [`text`].
pub const PAGE: usize = 1_000;

/// How many lanes there are.
const LANES: usize = CHAINS as usize;

/// A decision, as it is counted.
#[derive(Clone, Debug)]
pub struct VelocityRecord {
    /// The session.
    pub session_id: String,
    /// Digests of what it has in common with others.
    pub keys: Vec<u8>,
    /// Millionths of a US dollar; `None` where the currency has no rate.
    pub usd_micros: Option<i64>,
    /// Whether it was rejected.
    pub is_rejected: bool,
    /// When it was submitted.
    pub at: Timestamp,
    /// Its place; of a row that is not written yet the first.
    pub place: (u8, i64),
}

/// The last number of each lane that was read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Marks([i64; LANES]);

impl Marks {
    /// Whether a row comes behind them.
    pub fn is_beyond(&self, row: &VelocityRecord) -> bool {
        let (lane, number) = row.place;
        self.0
            .get(usize::from(lane))
            .is_some_and(|mark| *mark < number)
    }

    /// Goes on to a row; `false` where that lies before.
    pub fn put(&mut self, row: &VelocityRecord) -> bool {
        let is_beyond = self.is_beyond(row);
        if is_beyond {
            self.0[usize::from(row.place.0)] = row.place.1;
        }
        is_beyond
    }
}

/// Adds a decision.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, record: &VelocityRecord) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO velocity_record (lane, session_id, keys, usd_micros, is_rejected, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        values![
            i64::from(tx.lane()),
            RowId::of("cs", &record.session_id)?,
            record.keys,
            record.usd_micros,
            i64::from(record.is_rejected),
            record.at,
        ],
    )?;
    Ok(())
}

/// Rows behind `marks`, [`PAGE`] of each lane at most; fewer than that altogether are all that there are.
///
/// # Errors
/// When the store fails.
pub fn since(connection: &Connection, marks: &Marks) -> Result<Vec<VelocityRecord>, StoreError> {
    static OF_ONE: LazyLock<String> = LazyLock::new(|| text(1));
    static OF_ALL: LazyLock<String> = LazyLock::new(|| text(LANES));
    if connection.has_one_lane() {
        return connection.rows(&OF_ONE, values![marks.0[0]], read);
    }
    let marks = marks.0.each_ref().map(ToValue::to_value);
    let mut rows = connection.rows(&OF_ALL, &marks, read)?;
    rows.sort_by_key(|row| row.place);
    Ok(rows)
}

/// Deletes what a session left.
///
/// # Errors
/// When the store fails.
pub fn delete_of_session(tx: &Tx<'_>, session_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM velocity_record WHERE session_id = ?1",
        values![RowId::sought("cs", session_id)],
    )
}

/// A part for each lane: an engine goes through it by its key and stops at the limit, which it plans for because it
/// stands in the text.
fn text(lanes: usize) -> String {
    let part = |lane: usize| {
        format!(
            "SELECT * FROM (SELECT lane, seq, session_id, keys, usd_micros, is_rejected, at FROM velocity_record
                 WHERE lane = {lane} AND seq > ?{} ORDER BY seq LIMIT {PAGE}) AS lane_{lane}",
            lane + 1
        )
    };
    let parts: Vec<_> = (0..lanes).map(part).collect();
    parts.join(" UNION ALL ")
}

fn read(row: &Row<'_>) -> Result<VelocityRecord, StoreError> {
    let lane: u32 = row.get(0)?;
    let lane = u8::try_from(lane).map_err(|_| StoreError::Damaged("velocity_record"))?;
    Ok(VelocityRecord {
        place: (lane, row.get(1)?),
        session_id: row.get::<RowId>(2)?.text("cs"),
        keys: row.get(3)?,
        usd_micros: row.get(4)?,
        is_rejected: row.get::<i64>(5)? != 0,
        at: row.get(6)?,
    })
}
