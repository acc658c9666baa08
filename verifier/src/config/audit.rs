//! Signed roots over the audit, and its export.

use std::{net::SocketAddr, path::PathBuf};

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
    /// The HTTPS address that signed roots are posted to, each as a line of such a file.
    pub roots_url: Option<String>,
    /// Where entries are passed on to.
    pub export: Option<Export>,
}

/// `[audit.export]`: entries are passed on to a file or to syslog, each at least once.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// How they are written.
    #[serde(default)]
    pub format: ExportFormat,
    /// The file that they are appended to.
    pub file: Option<PathBuf>,
    /// In place of a file, a syslog (RFC 5424): `udp://IP:PORT`, `tcp://IP:PORT` (octet counting, RFC 6587) or
    /// `unix:PATH`.
    pub syslog: Option<String>,
}

/// How entries are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Common Event Format, version 0.
    Cef,
    /// A line of JSON each.
    #[default]
    Jsonl,
}

/// Where entries are passed on to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExportTo {
    /// Appended to a file.
    File(PathBuf),
    /// Syslog over TCP.
    Tcp(SocketAddr),
    /// Syslog over UDP.
    Udp(SocketAddr),
    /// Syslog over a datagram socket.
    Unix(PathBuf),
}

impl Export {
    /// Where to.
    ///
    /// # Errors
    /// When that is not one place, or none that can be understood.
    pub fn to(&self) -> Result<ExportTo, ConfigError> {
        let unclear = || {
            ConfigError::new(
                "audit.export: give file, or syslog as udp://IP:PORT, tcp://IP:PORT or unix:PATH",
            )
        };
        let address = |text: &str| text.parse().map_err(|_| unclear());
        match (&self.file, self.syslog.as_deref()) {
            (Some(file), None) => Ok(ExportTo::File(file.clone())),
            (None, Some(syslog)) => match syslog.split_once(':') {
                Some(("tcp", rest)) if rest.starts_with("//") => {
                    Ok(ExportTo::Tcp(address(&rest[2..])?))
                }
                Some(("udp", rest)) if rest.starts_with("//") => {
                    Ok(ExportTo::Udp(address(&rest[2..])?))
                }
                Some(("unix", path)) if path.starts_with('/') => Ok(ExportTo::Unix(path.into())),
                _ => Err(unclear()),
            },
            _ => Err(unclear()),
        }
    }
}

impl Audit {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(export) = &self.export {
            export.to()?;
        }
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
            roots_url: None,
            export: None,
        }
    }
}
