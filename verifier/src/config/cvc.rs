//! Where CVCs wait for their authorisation.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ConfigError, ValkeyUrl};

/// PCI DSS lets a CVC be kept until its authorisation; this is how long that may take.
const MAX_HOLD_S: u32 = 15 * 60;
/// Some 250 bytes each.
const MAX_ENTRIES: u32 = 1_000_000;

/// `[cvc]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cvc {
    /// Valkey or Redis to hold CVCs in, for verifiers that share their work. Without it they are held in
    /// this process's memory.
    pub url: Option<ValkeyUrl>,
    /// Seconds that a CVC waits for its authorisation; 900, the most, if left out.
    pub hold_s: u32,
    /// CVCs that this process's memory holds at once; further ones are not kept. 100,000 if left out.
    pub entries: u32,
}

impl Cvc {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=MAX_HOLD_S).contains(&self.hold_s) {
            return Err(ConfigError::new(format!(
                "cvc.hold_s = {}: give 1 to {MAX_HOLD_S}",
                self.hold_s
            )));
        }
        if !(1..=MAX_ENTRIES).contains(&self.entries) {
            return Err(ConfigError::new(format!(
                "cvc.entries = {}: give 1 to {MAX_ENTRIES}",
                self.entries
            )));
        }
        Ok(())
    }
}

impl Default for Cvc {
    fn default() -> Self {
        Self {
            url: None,
            hold_s: MAX_HOLD_S,
            entries: 100_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_a_second_at_least_and_fifteen_minutes_at_most() {
        for (hold_s, entries, is_taken) in [
            (0, 1, false),
            (1, 1, true),
            (900, 1_000_000, true),
            (901, 1, false),
            (1, 0, false),
            (1, 1_000_001, false),
        ] {
            let config = Cvc {
                url: None,
                hold_s,
                entries,
            };
            assert_eq!(config.check().is_ok(), is_taken, "{hold_s} {entries}");
        }
    }
}
