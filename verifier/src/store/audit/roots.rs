//! Tables `audit_root` and `audit_root_head`: signed roots over the heads of all chains.

use super::{
    super::{Connection, RowId, StoreError, Tx},
    chain::{Hash, NOTHING, Place},
};
use crate::{clock::Timestamp, values};

/// A chain's last entry, as a root has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// Which entry.
    pub place: Place,
    /// Its hash.
    pub hash: Hash,
}

/// A root as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Root {
    /// From 1, without gaps.
    pub number: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// The key that it was signed by.
    pub kid: String,
    /// JWS.
    pub signed: String,
    /// The heads that have moved since the root before.
    pub moved: Vec<Head>,
}

/// A chain as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    /// Its last entry.
    pub head: Head,
    /// The last entry that a root has; 0 if none has.
    pub rooted_seq: u64,
}

/// Every chain with its head as of one moment, in the order of merchants and numbers.
///
/// # Errors
/// When the store fails.
pub fn chains(connection: &Connection) -> Result<Vec<Chain>, StoreError> {
    connection.rows(
        "SELECT c.merchant_id, c.chain, c.pruned_seq, c.pruned_hash,
             (SELECT a.seq FROM audit a WHERE a.merchant_id = c.merchant_id AND a.chain = c.chain
                 ORDER BY a.seq DESC LIMIT 1),
             (SELECT a.hash FROM audit a WHERE a.merchant_id = c.merchant_id AND a.chain = c.chain
                 ORDER BY a.seq DESC LIMIT 1),
             (SELECT max(h.seq) FROM audit_root_head h WHERE h.merchant_id = c.merchant_id AND h.chain = c.chain)
         FROM audit_chain c ORDER BY c.merchant_id, c.chain",
        &[],
        |row| {
            let pruned: (u64, Hash) = (row.get(2)?, row.get(3)?);
            let newest: (Option<u64>, Option<Hash>) = (row.get(4)?, row.get(5)?);
            let rooted_seq: Option<u64> = row.get(6)?;
            let place = Place {
                merchant: row.get(0)?,
                chain: chain_number(row.get(1)?)?,
                seq: newest.0.unwrap_or(pruned.0),
            };
            let hash = newest.1.unwrap_or(pruned.1);
            Ok(Chain {
                head: Head { place, hash },
                rooted_seq: rooted_seq.unwrap_or(0),
            })
        },
    )
}

/// When the oldest entry that no root has was logged; none where every one is in a root.
///
/// # Errors
/// When the store fails.
pub fn unsigned_since(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut oldest: Option<Timestamp> = None;
    for chain in chains(connection)? {
        let Place {
            merchant,
            chain: number,
            seq,
        } = chain.head.place;
        if seq <= chain.rooted_seq {
            continue;
        }
        let at: Option<Timestamp> = connection.row(
            "SELECT at FROM audit WHERE merchant_id = ?1 AND chain = ?2 AND seq > ?3 ORDER BY seq LIMIT 1",
            values![merchant, u32::from(number), chain.rooted_seq],
            |row| row.get(0),
        )?;
        oldest = [oldest, at].into_iter().flatten().min();
    }
    Ok(oldest)
}

/// The newest root's number and JWS.
///
/// # Errors
/// When the store fails.
pub fn last(connection: &Connection) -> Result<Option<(u64, String)>, StoreError> {
    connection.row(
        "SELECT number, signed FROM audit_root ORDER BY number DESC LIMIT 1",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Stores a root behind the one before. `false`: another was first.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, root: &Root) -> Result<bool, StoreError> {
    let newest = last(tx)?.map_or(0, |(number, _)| number);
    if newest + 1 != root.number {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO audit_root (number, at, kid, signed) VALUES (?1, ?2, ?3, ?4)",
        values![root.number, root.at, root.kid, root.signed],
    )?;
    for Head { place, hash } in &root.moved {
        tx.execute(
            "INSERT INTO audit_root_head (number, merchant_id, chain, seq, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
            values![
                root.number,
                place.merchant,
                u32::from(place.chain),
                place.seq,
                hash
            ],
        )?;
    }
    Ok(true)
}

/// Roots behind a number, in their order.
///
/// # Errors
/// When the store fails.
pub fn behind(connection: &Connection, number: u64) -> Result<Vec<Root>, StoreError> {
    let mut roots = connection.rows(
        "SELECT number, at, kid, signed FROM audit_root WHERE number > ?1 ORDER BY number",
        values![number],
        |row| {
            Ok(Root {
                number: row.get(0)?,
                at: row.get(1)?,
                kid: row.get(2)?,
                signed: row.get(3)?,
                moved: Vec::new(),
            })
        },
    )?;
    connection.rows(
        "SELECT number, merchant_id, chain, seq, hash FROM audit_root_head WHERE number > ?1
         ORDER BY number, merchant_id, chain",
        values![number],
        |row| {
            let number: u64 = row.get(0)?;
            let place = Place {
                merchant: row.get::<RowId>(1)?,
                chain: chain_number(row.get(2)?)?,
                seq: row.get(3)?,
            };
            // One of another length was put there: what was signed is over others.
            let hash = row.get(4).unwrap_or(NOTHING);
            let head = Head { place, hash };
            if let Ok(at) = roots.binary_search_by_key(&number, |root| root.number) {
                roots[at].moved.push(head);
            }
            Ok(())
        },
    )?;
    Ok(roots)
}

pub(super) fn chain_number(number: u32) -> Result<u8, StoreError> {
    u8::try_from(number).map_err(|_| StoreError::Damaged("a chain's number"))
}
