//! Table `velocity_event`: what was spent, by card and by address.

use rusqlite::{Connection, params};

use super::{StoreError, Tx};
use crate::clock::Timestamp;

/// What a session that was not rejected adds to later sums. One a session: a retry replaces it.
pub struct VelocityEvent {
    /// The session.
    pub session_id: String,
    /// Its merchant.
    pub merchant_id: String,
    /// The card that was used.
    pub card_id: String,
    /// Keyed digest of the client's address.
    pub ip_digest: [u8; 16],
    /// Millionths of a US dollar; `None` where the currency has no rate.
    pub usd_micros: Option<i64>,
    /// When the card was submitted.
    pub at: Timestamp,
}

/// Adds a session's event, in place of an earlier one.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &Tx<'_>, event: &VelocityEvent) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO velocity_event (session_id, merchant_id, card_id, ip_digest,
             usd_micros, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        event.session_id,
        event.merchant_id,
        event.card_id,
        event.ip_digest,
        event.usd_micros,
        event.at,
    ])?;
    Ok(())
}

/// Sums other sessions' events of this merchant after `since` (exclusive) that have the card or the
/// address of `event`, newest first, until the sum passes `enough`: what comes after cannot change
/// the answer, and a busy address must not make the sum slow.
///
/// # Errors
/// When the store fails.
pub fn sum_usd_micros(
    connection: &Connection,
    event: &VelocityEvent,
    since: Timestamp,
    enough: i64,
) -> Result<i64, StoreError> {
    // An event with both the card and the address is in the first query alone: each counts once.
    let by_card = "SELECT usd_micros FROM velocity_event
         WHERE merchant_id = ?1 AND card_id = ?2 AND at > ?3 AND session_id <> ?4
             AND usd_micros IS NOT NULL AND ?5 = ?5
         ORDER BY at DESC";
    let by_ip = "SELECT usd_micros FROM velocity_event
         WHERE merchant_id = ?1 AND ip_digest = ?5 AND at > ?3 AND session_id <> ?4
             AND usd_micros IS NOT NULL AND card_id <> ?2
         ORDER BY at DESC";
    let mut sum = 0_i64;
    for query in [by_card, by_ip] {
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query(params![
            event.merchant_id,
            event.card_id,
            since,
            event.session_id,
            event.ip_digest
        ])?;
        while let Some(row) = rows.next()? {
            sum = sum.saturating_add(row.get(0)?);
            if sum > enough {
                return Ok(sum);
            }
        }
    }
    Ok(sum)
}
