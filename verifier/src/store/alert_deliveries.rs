//! Table `alert_delivery`: what is to be told elsewhere of alerts, until it is or is given up.

use serde_json::json;

use super::{Connection, StoreError, Tx, alerts::Alert};
use crate::{clock::Timestamp, values};

/// What is to be told. Its text never changes, so that who is told twice sees that.
pub struct AlertDelivery {
    /// The alert's id and the state that it came into.
    pub id: String,
    /// JSON: `type`, `timestamp` and the alert as `data`.
    pub payload: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is to be tried next.
    pub due_at: Timestamp,
}

/// Notes that an alert came into the state that it is in.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, alert: &Alert, at: Timestamp) -> Result<(), StoreError> {
    let state = alert.state.as_str();
    let payload = json!({
        "type": format!("alert.{state}"),
        "timestamp": at.rfc3339(),
        "data": alert,
    });
    tx.execute(
        "INSERT INTO alert_delivery (id, payload, attempts, due_at) VALUES (?1, ?2, 0, ?3)",
        values![format!("{}-{state}", alert.id), payload.to_string(), at],
    )?;
    Ok(())
}

/// What is due, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<AlertDelivery>, StoreError> {
    connection.rows(
        "SELECT id, payload, attempts, due_at FROM alert_delivery WHERE due_at <= ?1
         ORDER BY due_at LIMIT ?2",
        values![now, limit],
        |row| {
            Ok(AlertDelivery {
                id: row.get(0)?,
                payload: row.get(1)?,
                attempts: row.get(2)?,
                due_at: row.get(3)?,
            })
        },
    )
}

/// Takes a delivery for one attempt, after which it is due again at `next_at`; whether no other verifier came
/// first.
///
/// # Errors
/// When the store fails.
pub fn take(tx: &Tx<'_>, delivery: &AlertDelivery, next_at: Timestamp) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "UPDATE alert_delivery SET attempts = attempts + 1, due_at = ?3 WHERE id = ?1 AND due_at = ?2",
        values![delivery.id, delivery.due_at, next_at],
    );
    Ok(taken? > 0)
}

/// Forgets a delivery that was made, or is given up.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute_any("DELETE FROM alert_delivery WHERE id = ?1", values![id])
}

/// Forgets what nobody is told of: all that was due before an instant, `most` at most.
///
/// # Errors
/// When the store fails.
pub fn delete_due_before(tx: &Tx<'_>, before: Timestamp, most: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM alert_delivery WHERE id IN (
             SELECT id FROM alert_delivery WHERE due_at < ?1 LIMIT ?2)",
        values![before, most],
    )
}
