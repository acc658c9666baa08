//! How long what nothing asks for any more is kept.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// As long as the longest session, the velocity rule's hour and a day for clocks that differ.
const LEAST_S: u32 = 2 * 24 * 60 * 60;

/// `[retention]`. Cards are kept until they are erased.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Seconds after which a session's seen envelopes and its velocity event are deleted; 2 days at least.
    pub session_traces_s: u32,
    /// Seconds after which an idempotency key may mean something else; a day at least.
    pub idempotency_s: u32,
    /// Seconds after which what was submitted is erased, but for its decision's outcome; kept if left out. 2
    /// days at least.
    pub submission_details_s: Option<u32>,
    /// Seconds after which sessions are deleted, with all that was submitted in them; kept if left out. 2
    /// days and `idempotency_s` at least.
    pub sessions_s: Option<u32>,
    /// Seconds after which alerts are deleted; kept if left out. A day at least.
    pub alerts_s: Option<u32>,
    /// Seconds for which a device is recognised, from the creation of the session that it came in: what it
    /// told is deleted then; 2 days at least.
    pub devices_s: u32,
    /// Seconds after which audit entries are removed, in whole segments at signed roots; a day at least.
    pub audit_s: u32,
    /// The file that is told what was erased, so that a backup does not bring it back: no part of the
    /// database and of its backups. `waxseal.erased` beside the configuration if left out; with a PostgreSQL
    /// database it has to be given, on a disk that all verifiers share.
    pub erase_ledger: Option<PathBuf>,
}

impl Retention {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (option, value, least) in [
            ("audit_s", self.audit_s, 24 * 60 * 60),
            ("devices_s", self.devices_s, LEAST_S),
            ("idempotency_s", self.idempotency_s, 24 * 60 * 60),
            ("session_traces_s", self.session_traces_s, LEAST_S),
        ] {
            if value < least {
                return Err(ConfigError::new(format!(
                    "retention.{option} = {value}: give {least} at least"
                )));
            }
        }
        let least_sessions = LEAST_S.max(self.idempotency_s);
        for (option, value, least) in [
            ("alerts_s", self.alerts_s, 24 * 60 * 60),
            ("sessions_s", self.sessions_s, least_sessions),
            ("submission_details_s", self.submission_details_s, LEAST_S),
        ] {
            if let Some(value) = value.filter(|value| *value < least) {
                return Err(ConfigError::new(format!(
                    "retention.{option} = {value}: give {least} at least, or leave it out"
                )));
            }
        }
        Ok(())
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            session_traces_s: LEAST_S,
            idempotency_s: 7 * 24 * 60 * 60,
            submission_details_s: None,
            sessions_s: None,
            alerts_s: None,
            // As long as a token is told at most.
            devices_s: 90 * 24 * 60 * 60,
            audit_s: 365 * 24 * 60 * 60,
            erase_ledger: None,
        }
    }
}
