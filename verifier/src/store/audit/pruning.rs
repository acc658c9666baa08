//! Removing whole segments: what lies up to a chain's end as a signed root has it. The root stays.

use super::{
    super::{Connection, StoreError, Tx},
    chain::Place,
    roots::{Head, chain_number},
};
use crate::{clock::Timestamp, values};

/// Ends of segments that roots from before an instant have, and that were not pruned yet, oldest first.
///
/// # Errors
/// When the store fails.
pub fn due(connection: &Connection, before: Timestamp) -> Result<Vec<Head>, StoreError> {
    connection.rows(
        "SELECT h.merchant_id, h.chain, h.seq, h.hash FROM audit_root r
             JOIN audit_root_head h ON h.number = r.number
             JOIN audit_chain c ON c.merchant_id = h.merchant_id AND c.chain = h.chain
         WHERE r.at < ?1 AND h.seq > c.pruned_seq ORDER BY h.merchant_id, h.chain, h.seq",
        values![before],
        |row| {
            let place = Place {
                merchant: row.get(0)?,
                chain: chain_number(row.get(1)?)?,
                seq: row.get(2)?,
            };
            Ok(Head {
                place,
                hash: row.get(3)?,
            })
        },
    )
}

/// Removes what lies up to such an end; gives how many entries that were.
///
/// # Errors
/// When the store fails.
pub fn prune(tx: &Tx<'_>, end: &Head) -> Result<u64, StoreError> {
    let (place, chain) = (end.place, u32::from(end.place.chain));
    // Another verifier may have come first, and further.
    let moved = tx.execute(
        "UPDATE audit_chain SET pruned_seq = ?3, pruned_hash = ?4
         WHERE merchant_id = ?1 AND chain = ?2 AND pruned_seq < ?3
             AND EXISTS (SELECT 1 FROM audit WHERE merchant_id = ?1 AND chain = ?2 AND seq = ?3 AND hash = ?4)",
        values![place.merchant, chain, place.seq, end.hash],
    )?;
    if moved == 0 {
        return Ok(0);
    }
    tx.execute(
        "DELETE FROM audit WHERE merchant_id = ?1 AND chain = ?2 AND seq <= ?3",
        values![place.merchant, chain, place.seq],
    )
}
