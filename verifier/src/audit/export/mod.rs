//! The export of entries, as lines of JSON or CEF, to a file or a syslog. At least once: a position moves on behind
//! what was taken. Of several verifiers one passes entries on, which holds the place's lease.

mod cef;
mod fields;
mod sink;
mod syslog;

use std::{collections::HashMap, fmt, io};

use sink::Sink;

use super::lease::Lease;
use crate::{
    clock::Clock,
    config::{ConfigError, Export, ExportFormat},
    store::{
        Store, StoreError,
        audit::{chain::Place, listing::Logged, position},
        leases,
    },
};

/// Entries that are passed on at once.
const BATCH: u32 = 500;

/// An entry as one line without its end.
pub fn text(format: ExportFormat, entry: &Logged) -> String {
    match format {
        ExportFormat::Cef => cef::line(entry),
        ExportFormat::Jsonl => serde_json::Value::Object(fields::fields(entry)).to_string(),
    }
}

/// Who passes entries on.
pub struct Exporter {
    format: ExportFormat,
    sink: Sink,
    holder: [u8; 16],
    lease: Lease,
}

impl Exporter {
    /// As the configuration has it, for a process that is told from others by `holder`.
    ///
    /// # Errors
    /// When it names no place.
    pub fn new(config: &Export, holder: [u8; 16]) -> Result<Self, ConfigError> {
        let sink = Sink::new(config.to()?);
        Ok(Self {
            format: config.format,
            lease: Lease::new(sink.name(), holder),
            holder,
            sink,
        })
    }

    /// Passes on what was committed since; gives how many entries that were: none while another
    /// verifier does it.
    ///
    /// # Errors
    /// When the sink takes no more, or the store fails: what was not noted as passed on is passed on again.
    pub async fn pass_on(&mut self, store: &Store, clock: &dyn Clock) -> Result<u64, ExportError> {
        let mut passed = 0;
        loop {
            let held = self.lease.hold(store, clock.now()).await;
            if !held.map_err(ExportError::Store)? {
                return Ok(passed);
            }
            let sink = self.sink.name();
            let read = store.read(move |connection| position::behind(connection, &sink, BATCH));
            let entries = read.await.map_err(ExportError::Store)?;
            if entries.is_empty() {
                return Ok(passed);
            }
            let sent = self.sink.send(self.format, &entries).await;
            sent.map_err(|error| ExportError::Sink(error.kind()))?;
            let (sink, ends) = (self.sink.name(), ends(&entries));
            let (holder, now) = (self.holder, clock.now());
            let noted = store.write("note_exported", move |tx| {
                // Who has taken over passes it on again, and notes that.
                match leases::is_anothers(tx, &sink, &holder, now)? {
                    true => Ok(()),
                    false => position::advance(tx, &sink, &ends),
                }
            });
            noted.await.map_err(ExportError::Store)?;
            passed += entries.len() as u64;
        }
    }
}

/// The last entry of each chain.
fn ends(entries: &[Logged]) -> Vec<Place> {
    let mut ends = HashMap::new();
    for Logged { place, .. } in entries {
        ends.insert((*place.merchant.as_bytes(), place.chain), *place);
    }
    ends.into_values().collect()
}

/// Why entries wait.
#[derive(Debug)]
pub enum ExportError {
    /// The file or the syslog takes none.
    Sink(io::ErrorKind),
    /// They cannot be read, or the position cannot be noted.
    Store(StoreError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sink(kind) => write!(f, "audit.export: {kind}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, store::RowId};

    pub(super) fn entry(reason: &str) -> Logged {
        Logged {
            place: Place {
                merchant: RowId::LEAST,
                chain: 2,
                seq: 5,
            },
            hash: [0; 32],
            at: Timestamp::from_millis(1_764_000_000_000),
            action: "key.made".to_owned(),
            code: None,
            reason: Some(reason.to_owned()),
            client_id: None,
            session_id: None,
            ip_digest: None,
            request_id: None,
            key_id: Some("k1".to_owned()),
            operator_id: None,
            card_id: None,
            subject: None,
            count: None,
        }
    }

    #[test]
    fn json_is_one_line_with_what_there_is() {
        let line = text(ExportFormat::Jsonl, &entry("a\n\"b\""));
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        let expected = serde_json::json!({
            "at": "2025-11-24T16:00:00Z", "action": "key.made", "reason": "a\n\"b\"", "key_id": "k1",
            "chain": 2, "seq": 5, "hash": "A".repeat(43),
        });
        assert_eq!((read, line.lines().count()), (expected, 1));
    }
}
