//! Table `audit_position`: how far each export has come, chain by chain; and the entries behind that.
//!
//! Sequence numbers within a chain have no gaps and its entries are committed in their order, so that nothing is ever
//! committed before a position: what is read behind it is all that is new.

use super::{
    super::{Connection, StoreError, Tx},
    chain::{FIELDS, Place},
    listing::{Logged, read_logged},
    roots::chain_number,
};
use crate::values;

/// Entries that an export has not passed on yet, in the order of their chains; at most `limit`, with at least one of a
/// chain that has any.
///
/// # Errors
/// When the store fails.
pub fn behind(connection: &Connection, sink: &str, limit: u32) -> Result<Vec<Logged>, StoreError> {
    let chains = connection.rows(
        "SELECT c.merchant_id, c.chain, coalesce(p.seq, 0) FROM audit_chain c
         LEFT JOIN audit_position p
             ON p.sink = ?1 AND p.merchant_id = c.merchant_id AND p.chain = c.chain
         WHERE EXISTS (SELECT 1 FROM audit a WHERE a.merchant_id = c.merchant_id AND a.chain = c.chain
             AND a.seq > coalesce(p.seq, 0))
         ORDER BY c.merchant_id, c.chain",
        values![sink],
        |row| {
            Ok(Place {
                merchant: row.get(0)?,
                chain: chain_number(row.get(1)?)?,
                seq: row.get(2)?,
            })
        },
    )?;
    let mut found = Vec::new();
    // Each has its share, so that a chain with much to tell does not keep the others waiting.
    let chains_left = u32::try_from(chains.len()).unwrap_or(u32::MAX).max(1);
    let share = (limit / chains_left).max(1);
    for last in chains.iter().take(limit as usize) {
        found.extend(after(connection, last, share)?);
    }
    Ok(found)
}

/// Entries of a chain behind a place, in their order.
///
/// # Errors
/// When the store fails.
pub fn after(connection: &Connection, last: &Place, limit: u32) -> Result<Vec<Logged>, StoreError> {
    let columns = FIELDS.join(", ");
    let sql = format!(
        "SELECT merchant_id, chain, seq, hash, {columns} FROM audit
         WHERE merchant_id = ?1 AND chain = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4"
    );
    let chain = u32::from(last.chain);
    let asked = values![last.merchant, chain, last.seq, limit];
    connection.rows(&sql, asked, read_logged)
}

/// Notes that everything up to these entries was passed on.
///
/// # Errors
/// When the store fails.
pub fn advance(tx: &Tx<'_>, sink: &str, places: &[Place]) -> Result<(), StoreError> {
    for place in places {
        tx.execute(
            "INSERT INTO audit_position (sink, merchant_id, chain, seq) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (sink, merchant_id, chain) DO UPDATE SET seq = excluded.seq
             WHERE audit_position.seq < excluded.seq",
            values![sink, place.merchant, u32::from(place.chain), place.seq],
        )?;
    }
    Ok(())
}

/// The last entry that an export has passed on, of each chain.
///
/// # Errors
/// When the store fails.
pub fn list(connection: &Connection, sink: &str) -> Result<Vec<Place>, StoreError> {
    connection.rows(
        "SELECT merchant_id, chain, seq FROM audit_position WHERE sink = ?1 ORDER BY merchant_id, chain",
        values![sink],
        |row| {
            Ok(Place {
                merchant: row.get(0)?,
                chain: chain_number(row.get(1)?)?,
                seq: row.get(2)?,
            })
        },
    )
}
