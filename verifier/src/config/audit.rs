//! Signed roots over the audit.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;

/// `[audit]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// Seconds between two signed roots; a day at most.
    pub root_every_s: u32,
    /// The file that signed roots are appended to, on another machine's disk where that can be. Without one they are in
    /// the database alone, where whoever cuts off the log can cut them off too.
    pub roots_file: Option<PathBuf>,
}

impl Audit {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if (1..=24 * 60 * 60).contains(&self.root_every_s) {
            return Ok(());
        }
        Err(ConfigError::new(format!(
            "audit.root_every_s = {}: give 1 to 86400",
            self.root_every_s
        )))
    }
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            root_every_s: 300,
            roots_file: None,
        }
    }
}
