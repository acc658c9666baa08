//! Bounds on what a caller may send, and how often.

use serde::Deserialize;

use super::{ConfigError, ValkeyUrl};
use crate::limits::Rates;

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
// What is no field is a rate, or refused.
#[serde(default)]
pub struct Limits {
    /// How often callers may ask: `NAME_per_s` and `NAME_burst` of every limit in `limits/table.rs`.
    #[serde(flatten)]
    pub rates: Rates,
    /// Valkey or Redis in which verifiers count together. Without it each counts for itself.
    pub url: Option<ValkeyUrl>,
    /// How many verifiers count together: while `url` does not answer each grants its share.
    pub verifiers: u32,
    /// Requests that each listener works on at once, health checks apart; further ones are refused.
    pub requests: u32,
    /// Largest request body, in bytes. A submission is some 6,100.
    pub body_bytes: usize,
    /// Seconds a body may take to arrive.
    pub body_timeout_s: u64,
    /// Connections that the public listener takes at once. The private one has as many for itself.
    pub connections: u32,
    /// Of these, how many one address may have; a trusted proxy's are not counted.
    pub connections_per_address: u32,
    /// Seconds the request line and headers may take to arrive.
    pub header_timeout_s: u64,
    /// Seconds that the client token lives; 30 minutes at most.
    pub client_token_ttl_s: u32,
    /// Card numbers that operators may see within an hour.
    pub reveals_per_hour: u32,
    /// Of these, how many one operator may see.
    pub reveals_per_operator_hour: u32,
    /// Seconds that a session lives.
    pub session_ttl_s: u32,
    /// Seconds that a caller may take nothing of its answer before its connection is closed.
    pub write_timeout_s: u64,
}

impl Limits {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (option, value, range) in [
            ("body_bytes", self.body_bytes as u64, 8 * 1024..=1024 * 1024),
            ("body_timeout_s", self.body_timeout_s, 1..=300),
            (
                "client_token_ttl_s",
                self.client_token_ttl_s.into(),
                1..=30 * 60,
            ),
            ("connections", self.connections.into(), 16..=1_000_000),
            (
                "connections_per_address",
                self.connections_per_address.into(),
                4..=1_000_000,
            ),
            ("header_timeout_s", self.header_timeout_s, 1..=300),
            ("requests", self.requests.into(), 1..=1_000_000),
            ("verifiers", self.verifiers.into(), 1..=1_000),
            ("reveals_per_hour", self.reveals_per_hour.into(), 1..=10_000),
            (
                "reveals_per_operator_hour",
                self.reveals_per_operator_hour.into(),
                1..=10_000,
            ),
            (
                "session_ttl_s",
                self.session_ttl_s.into(),
                60..=24 * 60 * 60,
            ),
            ("write_timeout_s", self.write_timeout_s, 1..=300),
        ] {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                return Err(ConfigError::new(format!(
                    "limits.{option} = {value}: give {least} to {most}"
                )));
            }
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rates: Rates::default(),
            url: None,
            verifiers: 1,
            requests: 1024,
            body_bytes: 16 * 1024,
            body_timeout_s: 10,
            connections: 4096,
            connections_per_address: 256,
            header_timeout_s: 10,
            client_token_ttl_s: 15 * 60,
            reveals_per_hour: 100,
            reveals_per_operator_hour: 20,
            session_ttl_s: 60 * 60,
            write_timeout_s: 10,
        }
    }
}
