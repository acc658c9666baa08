//! `[keys]`

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// `[keys]`: what wraps every key, and when sealing keys change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key file (mode 0600) that wraps every other key. Not beside the database in production.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// In place of a file: the environment variable that holds what the file would.
    #[serde(default)]
    pub env: Option<String>,
    /// In place of a file: a key inside a hardware security module.
    #[serde(default)]
    pub pkcs11: Option<Pkcs11>,
    /// Seconds that envelopes are sealed to one key; 30 days if left out.
    #[serde(default = "thirty_days_s")]
    pub sealing_lifetime_s: u32,
    /// Seconds that the next sealing key is published before it is used; 24 hours if left out.
    #[serde(default = "one_day_s")]
    pub sealing_lead_s: u32,
    /// Seconds that a retired sealing key still opens what was sealed to it; 48 hours if left out.
    #[serde(default = "two_days_s")]
    pub sealing_grace_s: u32,
}

/// `[keys.pkcs11]`: an AES key inside a hardware security module.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pkcs11 {
    /// The module's shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The key's label; `verifier init` makes it where there is none.
    pub key: String,
    /// A file (mode 0600) with the user's PIN.
    pub pin_file: PathBuf,
}

impl Keys {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let sources = [
            self.file.is_some(),
            self.env.is_some(),
            self.pkcs11.is_some(),
        ];
        if sources.into_iter().filter(|is_set| *is_set).count() != 1 {
            return Err(ConfigError::new(
                "keys: give one of keys.file, keys.env and [keys.pkcs11]",
            ));
        }
        // A client token names its key for as long as it lives, and a session may seal to the last second.
        if self.sealing_lead_s < 120 || self.sealing_lifetime_s <= self.sealing_lead_s {
            return Err(ConfigError::new(format!(
                "keys.sealing_lead_s = {}, keys.sealing_lifetime_s = {}: give a lead of 120 at least, shorter than the lifetime",
                self.sealing_lead_s, self.sealing_lifetime_s
            )));
        }
        if self.sealing_grace_s < 60 * 60 {
            return Err(ConfigError::new(format!(
                "keys.sealing_grace_s = {}: give 3600 at least, longer than any client token lives",
                self.sealing_grace_s
            )));
        }
        Ok(())
    }
}

const fn thirty_days_s() -> u32 {
    30 * 24 * 60 * 60
}

const fn one_day_s() -> u32 {
    24 * 60 * 60
}

const fn two_days_s() -> u32 {
    48 * 60 * 60
}
