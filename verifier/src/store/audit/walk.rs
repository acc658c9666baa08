//! Reading chains from their beginning.

use super::{
    super::{Connection, RowId, StoreError},
    chain::{FIELDS, Hash, NOTHING, Place, entry_hash},
    roots::chain_number,
};
use crate::values;

/// Entries that are read at once.
const BATCH: u64 = 5_000;

/// Where a chain begins.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The last entry that was pruned, of this chain; 0 if none was.
    pub pruned: Place,
    /// Its hash.
    pub hash: Hash,
}

/// An entry as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Where it stands.
    pub place: Place,
    /// The hash that it has.
    pub hash: Hash,
    /// The hash that it should have, if the one before is good.
    pub expected: Hash,
}

/// Every chain, with where it begins.
///
/// # Errors
/// When the store fails.
pub fn starts(connection: &Connection) -> Result<Vec<Start>, StoreError> {
    connection.rows(
        "SELECT merchant_id, chain, pruned_seq, pruned_hash FROM audit_chain ORDER BY merchant_id, chain",
        &[],
        |row| {
            let pruned = Place {
                merchant: row.get::<RowId>(0)?,
                chain: chain_number(row.get(1)?)?,
                seq: row.get(2)?,
            };
            Ok(Start {
                pruned,
                hash: row.get(3)?,
            })
        },
    )
}

/// Shows every entry of a chain in its order.
///
/// # Errors
/// When the store fails.
pub fn walk(
    connection: &Connection,
    start: &Start,
    mut see: impl FnMut(&Seen),
) -> Result<(), StoreError> {
    let columns = FIELDS.join(", ");
    let sql = format!(
        "SELECT seq, hash, {columns} FROM audit WHERE merchant_id = ?1 AND chain = ?2 AND seq > ?3
         ORDER BY seq LIMIT {BATCH}"
    );
    let mut encoded = Vec::with_capacity(512);
    let (mut last, mut previous) = (start.pruned, start.hash);
    loop {
        let chain = u32::from(last.chain);
        let asked = values![last.merchant, chain, last.seq];
        let read = connection.rows(&sql, asked, |row| {
            let place = Place {
                seq: row.get(0)?,
                ..last
            };
            // One of another length is one that somebody put there: it is wrong, and named.
            let hash: Hash = row.get(1).unwrap_or(NOTHING);
            let fields = (2..2 + FIELDS.len()).map(|index| {
                let value = row.column(index);
                value.unwrap_or(super::super::Value::Null)
            });
            let expected = entry_hash(&mut encoded, &previous, place, fields);
            see(&Seen {
                place,
                hash,
                expected,
            });
            previous = hash;
            Ok(place)
        })?;
        match read.last() {
            Some(place) => last = *place,
            None => return Ok(()),
        }
    }
}

/// Entries that there are, of whatever chain.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection) -> Result<u64, StoreError> {
    connection.the_row("SELECT count(*) FROM audit", &[], |row| row.get(0))
}
