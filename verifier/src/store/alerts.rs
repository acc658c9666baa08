//! Table `alert`: what a person should look at.

use super::{Connection, StoreError, Tx};
use crate::{clock::Timestamp, values};

/// Something that a person should look at.
pub struct Alert {
    /// `alr_…`
    pub id: String,
    /// From a fixed list.
    pub kind: &'static str,
    /// Digest of the address concerned, or the operator's id.
    pub subject: Vec<u8>,
    /// How many events raised it.
    pub count: u32,
    /// When.
    pub raised_at: Timestamp,
}

impl Alert {
    /// Tells log and metrics of it, once it is stored.
    pub fn announce(&self) {
        let Self {
            id, kind, count, ..
        } = self;
        tracing::warn!(event = "alert", kind, alert_id = id, count);
        metrics::counter!("waxseal_alerts_total", "kind" => *kind).increment(1);
    }
}

/// Adds an alert.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, alert: &Alert) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO alert (id, kind, subject, count, raised_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        values![
            alert.id,
            alert.kind,
            alert.subject,
            alert.count,
            alert.raised_at
        ],
    )?;
    Ok(())
}

/// Whether an alert of that kind and subject was raised after `since` (exclusive).
///
/// # Errors
/// When the store fails.
pub fn raised_since(
    connection: &Connection,
    kind: &str,
    subject: &[u8],
    since: Timestamp,
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM alert WHERE kind = ?1 AND subject = ?2 AND raised_at > ?3",
        values![kind, subject, since],
    )
}
