//! Table `velocity_event`: what was spent, by card and by address.

use aws_lc_rs::digest;

use super::{Connection, RowId, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// What a session that was not rejected adds to later sums. One a session: a retry replaces it.
pub struct VelocityEvent {
    /// The session.
    pub session_id: String,
    /// The card that was used.
    pub card_id: String,
    /// The client's address, for its merchant alone: see [`address`].
    pub address: [u8; 16],
    /// Millionths of a US dollar; `None` where the currency has no rate.
    pub usd_micros: Option<i64>,
    /// When the card was submitted.
    pub at: Timestamp,
}

/// The first 16 bytes of `SHA-256(ip_digest || merchant)`, of the keyed digest of a client's address: what the
/// merchant's events of that address have in common, and no other merchant's, so that an index over it does without
/// the merchant.
///
/// # Errors
/// [`StoreError::Damaged`] when `merchant_id` is none.
pub fn address(ip_digest: &[u8; 16], merchant_id: &str) -> Result<[u8; 16], StoreError> {
    Ok(address_of(ip_digest, RowId::of("mch", merchant_id)?))
}

pub(super) fn address_of(ip_digest: &[u8], merchant_id: RowId) -> [u8; 16] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(ip_digest);
    context.update(merchant_id.as_bytes());
    let mut address = [0; 16];
    address.copy_from_slice(&context.finish().as_ref()[..16]);
    address
}

/// Adds a session's event, in place of an earlier one.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &Tx<'_>, event: &VelocityEvent) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO velocity_event (session_id, card_id, address, usd_micros, at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (session_id) DO UPDATE SET card_id = excluded.card_id,
             address = excluded.address, usd_micros = excluded.usd_micros, at = excluded.at",
        values![
            RowId::of("cs", &event.session_id)?,
            RowId::of("card", &event.card_id)?,
            event.address,
            event.usd_micros,
            event.at,
        ],
    )?;
    Ok(())
}

/// Deletes a session's event.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, session_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM velocity_event WHERE session_id = ?1",
        values![RowId::sought("cs", session_id)],
    )
}

/// Deletes every event of a card.
///
/// # Errors
/// When the store fails.
pub fn delete_of_card(tx: &Tx<'_>, card_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM velocity_event WHERE card_id = ?1",
        values![RowId::sought("card", card_id)],
    )
}

/// Events that are summed one by one, of a card and of an address.
const NEWEST: usize = 200;

/// An event with both the card and the address is in the first half alone: each counts once. The limit is
/// [`NEWEST`], in words: SQLite plans a statement anew for each value that a limit is given.
const BY_CARD_AND_ADDRESS: &str = "
    SELECT usd_micros FROM (SELECT usd_micros FROM velocity_event
        WHERE card_id = ?2 AND at > ?3 AND session_id <> ?4 AND usd_micros IS NOT NULL
        ORDER BY at DESC LIMIT 200) AS by_card
    UNION ALL
    SELECT usd_micros FROM (SELECT usd_micros FROM velocity_event
        WHERE address = ?1 AND at > ?3 AND session_id <> ?4
            AND usd_micros IS NOT NULL AND card_id <> ?2
        ORDER BY at DESC LIMIT 200) AS by_ip";

/// Sums other sessions' events of this merchant after `since` (exclusive) that have the card or the
/// address of `event`. Once the sum has passed `enough`, it may be less than all: what more there is cannot
/// change the answer, and a busy address must not make the sum slow.
///
/// # Errors
/// When the store fails.
pub fn sum_usd_micros(
    connection: &Connection,
    event: &VelocityEvent,
    since: Timestamp,
    enough: i64,
) -> Result<i64, StoreError> {
    let card_id = RowId::sought("card", &event.card_id);
    let session_id = RowId::sought("cs", &event.session_id);
    let newest: Vec<i64> = connection.rows(
        BY_CARD_AND_ADDRESS,
        values![event.address, card_id, since, session_id],
        |row| row.get(0),
    )?;
    let sum = newest.iter().copied().fold(0, i64::saturating_add);
    if sum > enough || newest.len() < NEWEST {
        return Ok(sum);
    }
    // One event that is enough by itself counts as just that: the sum of all cannot overflow.
    connection.the_row(
        "SELECT CAST(coalesce(sum(CASE WHEN usd_micros > ?5 THEN ?5 + 1 ELSE usd_micros END), 0)
             AS BIGINT)
         FROM velocity_event
         WHERE (address = ?1 OR card_id = ?2) AND at > ?3
             AND session_id <> ?4 AND usd_micros IS NOT NULL",
        values![event.address, card_id, since, session_id, enough,],
        |row| row.get(0),
    )
}
