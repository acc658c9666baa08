//! Table `device_visit`: what each session's device told, in digests that mean something to one merchant alone.

use super::{Connection, Row, RowId, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// What one session's device told. A retry replaces it.
#[derive(Clone, Debug)]
pub struct DeviceVisit {
    /// The session.
    pub session_id: String,
    /// The session's merchant.
    pub merchant_id: String,
    /// The device that it is counted with.
    pub device: [u8; 16],
    /// Sessions of that device, this one included.
    pub sessions: u32,
    /// The digests, as the engine writes them.
    pub told: Vec<u8>,
    /// Digest of the token that it brought.
    pub token: Option<[u8; 8]>,
    /// Blocking keys.
    pub keys: [Option<[u8; 8]>; 2],
    /// When it was submitted.
    pub at: Timestamp,
}

/// An earlier visit that has a token or a blocking key in common with a new one.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The device that it was counted with.
    pub device: [u8; 16],
    /// Sessions of that device up to it.
    pub sessions: u32,
    /// The digests.
    pub told: Vec<u8>,
    /// Digest of the token that it brought.
    pub token: Option<[u8; 8]>,
    /// When it was.
    pub at: Timestamp,
}

/// Stores a session's visit, in place of an earlier one.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &Tx<'_>, visit: &DeviceVisit) -> Result<(), StoreError> {
    let [graphics, place] = visit.keys;
    tx.execute(
        "INSERT INTO device_visit (session_id, merchant_id, device, sessions, told, token, graphics, place, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (session_id) DO UPDATE SET device = excluded.device, sessions = excluded.sessions,
             told = excluded.told, token = excluded.token, graphics = excluded.graphics,
             place = excluded.place, at = excluded.at",
        values![
            RowId::of("cs", &visit.session_id)?,
            RowId::of("mch", &visit.merchant_id)?,
            visit.device,
            visit.sessions,
            visit.told,
            visit.token,
            graphics,
            place,
            visit.at,
        ],
    )?;
    Ok(())
}

/// The newest of each kind, however many there are. Digests are under a key of the merchant's own, so that the indexes do
/// without the merchant; the limits stand in the text, for SQLite plans a statement anew for each value that one is given.
const CANDIDATES: &str = "
    SELECT device, sessions, told, token, at FROM (SELECT * FROM device_visit
        WHERE token = ?1 AND session_id <> ?5 ORDER BY at DESC LIMIT 4) AS by_token
    UNION ALL
    SELECT device, sessions, told, token, at FROM (SELECT * FROM device_visit
        WHERE token = ?2 AND session_id <> ?5 ORDER BY at DESC LIMIT 4) AS by_former_token
    UNION ALL
    SELECT device, sessions, told, token, at FROM (SELECT * FROM device_visit
        WHERE graphics = ?3 AND session_id <> ?5 ORDER BY at DESC LIMIT 16) AS by_graphics
    UNION ALL
    SELECT device, sessions, told, token, at FROM (SELECT * FROM device_visit
        WHERE place = ?4 AND session_id <> ?5 ORDER BY at DESC LIMIT 16) AS by_place";

/// Earlier visits, of other sessions than this one, that have one of the tokens or keys: 40 at most, some of them twice.
///
/// # Errors
/// When the store fails.
pub fn candidates(
    connection: &Connection,
    session_id: &str,
    tokens: [Option<[u8; 8]>; 2],
    keys: [Option<[u8; 8]>; 2],
) -> Result<Vec<Candidate>, StoreError> {
    // What equals nothing: a digest is never empty.
    let sought = |digest: Option<[u8; 8]>| digest.map_or_else(Vec::new, |digest| digest.to_vec());
    let [current, former] = tokens.map(sought);
    let [graphics, place] = keys.map(sought);
    let session_id = RowId::sought("cs", session_id);
    let values = values![current, former, graphics, place, session_id];
    connection.rows(CANDIDATES, values, read)
}

/// What a merchant's latest sessions told, newest first: `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn latest(
    connection: &Connection,
    merchant_id: &str,
    limit: u32,
) -> Result<Vec<Vec<u8>>, StoreError> {
    connection.rows(
        "SELECT told FROM device_visit WHERE merchant_id = ?1 ORDER BY session_id DESC LIMIT ?2",
        values![RowId::sought("mch", merchant_id), limit],
        |row| row.get(0),
    )
}

/// Deletes a session's visit.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, session_id: &str) -> Result<(), StoreError> {
    tx.execute_any(
        "DELETE FROM device_visit WHERE session_id = ?1",
        values![RowId::sought("cs", session_id)],
    )
}

fn read(row: &Row<'_>) -> Result<Candidate, StoreError> {
    Ok(Candidate {
        device: row.get(0)?,
        sessions: row.get(1)?,
        told: row.get(2)?,
        token: row.get(3)?,
        at: row.get(4)?,
    })
}
