//! How long what nothing asks for any more is kept.

use serde::Deserialize;

use super::ConfigError;

/// As long as the longest session, the velocity rule's hour and a day for clocks that differ.
const LEAST_S: u32 = 2 * 24 * 60 * 60;

/// `[retention]`. Cards and submissions are kept until they are erased.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Seconds after which a session's seen envelopes and its velocity event are deleted; 2 days at least.
    pub session_traces_s: u32,
    /// Seconds after which an idempotency key may mean something else; a day at least.
    pub idempotency_s: u32,
}

impl Retention {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (option, value, least) in [
            ("idempotency_s", self.idempotency_s, 24 * 60 * 60),
            ("session_traces_s", self.session_traces_s, LEAST_S),
        ] {
            if value < least {
                return Err(ConfigError::new(format!(
                    "retention.{option} = {value}: give {least} at least"
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
        }
    }
}
