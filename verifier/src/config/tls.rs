//! Certificates of a listener.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// `[tls_public]`, `[tls_console]`, `[tls_private]`: files, all PEM, that are read again when they change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The listener's certificate, and those between it and its authority.
    pub cert: PathBuf,
    /// The private key that belongs to it, readable by its owner (and group) alone.
    pub key: PathBuf,
    /// Authorities whose certificates callers may come with. Without it none is asked for.
    pub client_ca: Option<PathBuf>,
    /// Revocation lists, one at least of each of these authorities. Without it nothing is revoked.
    pub crl: Option<PathBuf>,
    /// Whether a caller without a certificate is let in.
    #[serde(default)]
    pub client_certificates: ClientCertificates,
}

/// What a listener with client authorities asks of its callers.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificates {
    /// A certificate, or none: a secret then has to do.
    Optional,
    /// A certificate.
    #[default]
    Required,
}

impl Tls {
    pub(super) fn check(&self, section: &str) -> Result<(), ConfigError> {
        let refused = |problem: &str| Err(ConfigError::new(format!("{section}.{problem}")));
        if section == "tls_public" && self.client_ca.is_some() {
            return refused("client_ca: browsers at a checkout have no certificates: leave it out");
        }
        if self.client_ca.is_none() && self.crl.is_some() {
            return refused("crl: give client_ca, whose certificates it revokes, too");
        }
        Ok(())
    }

    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let optional = [self.client_ca.as_mut(), self.crl.as_mut()];
        [&mut self.cert, &mut self.key]
            .into_iter()
            .chain(optional.into_iter().flatten())
    }
}
