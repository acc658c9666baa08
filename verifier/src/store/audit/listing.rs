//! Reading entries, newest first.

use super::{
    super::{Connection, Row, RowId, StoreError, ToValue},
    chain::{FIELDS, Hash, Place},
    roots::chain_number,
};
use crate::{clock::Timestamp, values};

/// An entry as it is read.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Where it stands.
    pub place: Place,
    /// Over it and the one before.
    pub hash: Hash,
    /// When it was logged.
    pub at: Timestamp,
    /// What was done or tried.
    pub action: String,
    /// Stable error code, when it was refused.
    pub code: Option<String>,
    /// Why, from a fixed list, or what was stated.
    pub reason: Option<String>,
    /// The server or program that called.
    pub client_id: Option<String>,
    /// The session concerned.
    pub session_id: Option<RowId>,
    /// Keyed digest of the address that called.
    pub ip_digest: Option<Vec<u8>>,
    /// The request.
    pub request_id: Option<RowId>,
    /// The key concerned.
    pub key_id: Option<String>,
    /// The operator who called.
    pub operator_id: Option<String>,
    /// The card concerned.
    pub card_id: Option<String>,
    /// Keyed pseudonym, or digest.
    pub subject: Option<Vec<u8>>,
    /// How many.
    pub count: Option<u64>,
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only this merchant's; zeros for the installation's own.
    pub merchant: Option<RowId>,
    /// Only of this action.
    pub action: Option<String>,
    /// Only those before this one.
    pub before: Option<(Timestamp, Place)>,
}

/// Entries, newest first.
///
/// # Errors
/// When the store fails.
pub fn newest(
    connection: &Connection,
    wanted: &Wanted,
    limit: u32,
) -> Result<Vec<Logged>, StoreError> {
    let (at, place) = wanted.before.unwrap_or((
        Timestamp::from_millis(i64::MAX),
        Place {
            merchant: RowId::GREATEST,
            chain: u8::MAX,
            seq: u64::MAX,
        },
    ));
    let columns = FIELDS.join(", ");
    let merchant = wanted.merchant.map_or("", |_| "AND merchant_id = ?6");
    let action = wanted.action.as_ref().map_or("", |_| "AND action = ?7");
    // Parameters that a text does not name have no type on PostgreSQL.
    let sql = format!(
        "SELECT merchant_id, chain, seq, hash, {columns} FROM audit
         WHERE at <= ?1 AND (at, merchant_id, chain, seq) < (?1, ?2, ?3, ?4) {merchant} {action}
         ORDER BY at DESC, merchant_id DESC, chain DESC, seq DESC LIMIT ?5"
    );
    let sql = match wanted.merchant {
        None => sql.replace("?7", "?6"),
        Some(_) => sql,
    };
    let chain = u32::from(place.chain);
    let mut values = values![at, place.merchant, chain, place.seq, limit].to_vec();
    values.extend(wanted.merchant.as_ref().map(ToValue::to_value));
    values.extend(wanted.action.as_ref().map(ToValue::to_value));
    connection.rows(&sql, &values, read_logged)
}

/// Columns: place, hash and those of [`FIELDS`].
pub(super) fn read_logged(row: &Row<'_>) -> Result<Logged, StoreError> {
    Ok(Logged {
        place: Place {
            merchant: row.get(0)?,
            chain: chain_number(row.get(1)?)?,
            seq: row.get(2)?,
        },
        hash: row.get(3)?,
        at: row.get(4)?,
        action: row.get(5)?,
        code: row.get(6)?,
        reason: row.get(7)?,
        client_id: row.get(8)?,
        session_id: row.get(9)?,
        ip_digest: row.get(10)?,
        request_id: row.get(11)?,
        key_id: row.get(12)?,
        operator_id: row.get(13)?,
        card_id: row.get(14)?,
        subject: row.get(15)?,
        count: row.get(16)?,
    })
}
