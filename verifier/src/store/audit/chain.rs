//! How entries are chained: each one's hash is over the hash of the one before it and all that it says.
//!
//! The writer chains entries in the transaction that they were written in. In SQLite one writes at a time, and reads
//! a chain's head once a transaction. In PostgreSQL's groups jobs say what they log, and the writer chains what all
//! of them said when none of them misses a row any more; it takes one of the chains of every merchant for as long as
//! it is connected, so that no two wait for one head, and keeps the heads in memory. Where there are more writers
//! than chains, or the memory is wrong, the primary key shows that another was first: what was remembered is
//! forgotten, and the jobs run again. A chain never forks.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};

use super::super::{Connection, RowId, StoreError, Value, value::ToValue};
use crate::values;

/// Chains of a merchant, and of the installation itself.
pub const CHAINS: u8 = 8;

/// Columns that an entry's hash covers besides its place, in the order of their numbers in it.
pub const FIELDS: [&str; 13] = [
    "at",
    "action",
    "code",
    "reason",
    "client_id",
    "session_id",
    "ip_digest",
    "request_id",
    "key_id",
    "operator_id",
    "card_id",
    "subject",
    "count",
];

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// What comes before the first entry.
pub const NOTHING: Hash = [0; 32];

/// An encoding begins with it; its last byte is the version.
const DOMAIN: &[u8; 20] = b"waxseal audit entry\x01";

/// The end of a chain.
const HEAD: &str = "SELECT seq, hash FROM (SELECT seq, hash FROM audit WHERE merchant_id = ?1 AND chain = ?2
         ORDER BY seq DESC LIMIT 1) AS newest
     UNION ALL SELECT pruned_seq, pruned_hash FROM audit_chain WHERE merchant_id = ?1 AND chain = ?2";

const INSERT: &str =
    "INSERT INTO audit (merchant_id, chain, seq, at, action, code, reason, client_id, session_id,
         ip_digest, request_id, key_id, operator_id, card_id, subject, count, hash)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

const INSERT_CHAIN: &str =
    "INSERT INTO audit_chain (merchant_id, chain, pruned_seq, pruned_hash) VALUES (?1, ?2, 0, ?3)
     ON CONFLICT (merchant_id, chain) DO NOTHING";

/// Where an entry stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Whose chain; zeros for the installation's own.
    pub merchant: RowId,
    /// Which of the chains.
    pub chain: u8,
    /// Which entry of it, from 1.
    pub seq: u64,
}

/// The last entry of a chain.
#[derive(Clone, Copy)]
struct Head {
    seq: u64,
    hash: Hash,
}

/// Merchants whose heads are remembered.
const REMEMBERED: usize = 10_000;

/// Heads of one number's chains as they are within a transaction.
#[derive(Default)]
pub(in crate::store) struct Heads(HashMap<[u8; 16], Head>);

impl Heads {
    /// Forgets them when there are too many. Not while what was appended is still to be written.
    pub(in crate::store) fn bound(&mut self) {
        if self.0.len() > REMEMBERED {
            self.0.clear();
        }
    }

    /// Writes an entry behind the last one of its chain. `fields` are those of [`FIELDS`].
    pub(in crate::store) fn append(
        &mut self,
        connection: &Connection,
        merchant: RowId,
        chain: u8,
        fields: &[Value<'_>; 13],
    ) -> Result<(), StoreError> {
        let known = self.0.get(merchant.as_bytes()).copied();
        let head = match known {
            Some(head) => Some(head),
            None => read(connection, merchant, chain)?,
        };
        let number = u32::from(chain);
        let Head { seq, hash } = match head {
            Some(head) => head,
            None => {
                connection.execute_any(INSERT_CHAIN, values![merchant, number, NOTHING])?;
                Head {
                    seq: 0,
                    hash: NOTHING,
                }
            }
        };
        let seq = seq + 1;
        let place = Place {
            merchant,
            chain,
            seq,
        };
        let hash = entry_hash(&mut Vec::new(), &hash, place, fields.iter().copied());
        let [
            at,
            action,
            code,
            reason,
            client,
            session,
            ip,
            request,
            key,
            operator,
            card,
            subject,
            count,
        ] = *fields;
        let (merchant_id, number, seq_value) =
            (merchant.to_value(), number.to_value(), seq.to_value());
        connection.execute(
            INSERT,
            &[
                merchant_id,
                number,
                seq_value,
                at,
                action,
                code,
                reason,
                client,
                session,
                ip,
                request,
                key,
                operator,
                card,
                subject,
                count,
                hash.to_value(),
            ],
        )?;
        self.0.insert(*merchant.as_bytes(), Head { seq, hash });
        Ok(())
    }
}

fn read(connection: &Connection, merchant: RowId, chain: u8) -> Result<Option<Head>, StoreError> {
    let ends = connection.rows(HEAD, values![merchant, u32::from(chain)], |row| {
        Ok(Head {
            seq: row.get(0)?,
            hash: row.get(1)?,
        })
    });
    Ok(ends?.into_iter().max_by_key(|end| end.seq))
}

/// The hash of an entry, of the fields in the order of [`FIELDS`]. `encoded` is overwritten: for those who hash many.
pub fn entry_hash<'v>(
    encoded: &mut Vec<u8>,
    previous: &Hash,
    place: Place,
    fields: impl Iterator<Item = Value<'v>>,
) -> Hash {
    encode(encoded, previous, place, fields);
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, encoded).as_ref());
    hash
}

/// What is hashed: see AUDIT.md.
pub fn encode<'v>(
    encoded: &mut Vec<u8>,
    previous: &Hash,
    place: Place,
    fields: impl Iterator<Item = Value<'v>>,
) {
    encoded.clear();
    encoded.extend_from_slice(DOMAIN);
    encoded.extend_from_slice(previous);
    encoded.extend_from_slice(place.merchant.as_bytes());
    encoded.push(place.chain);
    encoded.extend_from_slice(&place.seq.to_be_bytes());
    for (number, field) in (1_u8..).zip(fields) {
        match field {
            Value::Null => {}
            Value::Integer(integer) => put(encoded, number, b'i', &integer.to_be_bytes()),
            Value::Text(text) => put(encoded, number, b't', text.as_bytes()),
            Value::Bytes(bytes) => put(encoded, number, b'b', bytes),
        }
    }
}

fn put(encoded: &mut Vec<u8>, number: u8, kind: u8, bytes: &[u8]) {
    encoded.extend_from_slice(&[number, kind]);
    // No column holds as much as that.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    encoded.extend_from_slice(&length.to_be_bytes());
    encoded.extend_from_slice(bytes);
}
