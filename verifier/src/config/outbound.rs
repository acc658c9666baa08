//! Calls that the verifier makes of itself.

use std::path::PathBuf;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;

/// `[outbound]`: where the verifier may call out to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Networks that may be called although they are no part of the public internet. A network is
    /// compared with the address as it is connected to: that of an IPv4 address does not hold its
    /// IPv4-mapped form.
    #[schemars(with = "Vec<String>")]
    pub private_networks: Vec<IpNet>,
    /// Certificates (PEM) that servers' may be signed by, besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Allows `http` URLs to loopback addresses that `private_networks` has. For development.
    pub plain_http_on_loopback: bool,
}
