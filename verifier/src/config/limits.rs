//! Bounds on what a caller may send, and how often.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ConfigError, ValkeyUrl};
use crate::limits::Rates;

/// `[limits]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
    /// Of these, how many one address may have, IPv6 by its network of 64 bits; a trusted proxy's are not
    /// counted.
    pub connections_per_address: u32,
    /// Connections to the console that one address may have.
    pub console_connections_per_address: u32,
    /// Connections to the private listener that one address may have.
    pub private_connections_per_address: u32,
    /// Seconds the request line and headers may take to arrive, and a TLS handshake before them.
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
            (
                "console_connections_per_address",
                self.console_connections_per_address.into(),
                4..=1_000_000,
            ),
            (
                "private_connections_per_address",
                self.private_connections_per_address.into(),
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
            console_connections_per_address: 16,
            private_connections_per_address: 1024,
            header_timeout_s: 10,
            client_token_ttl_s: 15 * 60,
            reveals_per_hour: 100,
            reveals_per_operator_hour: 20,
            session_ttl_s: 60 * 60,
            write_timeout_s: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        config::{Config, initial_file},
        limits::{Limit, Rate},
    };

    fn parse(options: &[(&str, &str)]) -> Result<Limits, String> {
        let file = initial_file(Path::new("dist"), None);
        let environment = options.iter().map(|(option, value)| {
            (
                format!("WAXSEAL_VERIFIER__LIMITS__{option}"),
                (*value).to_owned(),
            )
        });
        Config::parse(&file, environment, Path::new("/etc/waxseal"))
            .map(|config| config.limits)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_initial_file_says_what_holds_without_it() {
        assert_eq!(
            format!("{:?}", parse(&[]).unwrap()),
            format!("{:?}", Limits::default())
        );
        let file = initial_file(Path::new("dist"), None);
        for limit in Limit::ALL {
            let name = limit.name();
            assert!(file.contains(&format!("\n{name}_per_s = ")), "{name}");
            assert!(file.contains(&format!("\n{name}_burst = ")), "{name}");
        }
    }

    #[test]
    fn each_limit_may_be_overridden() {
        let limits = parse(&[
            ("CARD_PER_S", "50"),
            ("CLIENT_BURST", "0"),
            ("VERIFIERS", "3"),
        ])
        .unwrap();
        assert_eq!(limits.rates.of(Limit::Card), Rate::per_second(50, 20));
        assert_eq!(limits.rates.of(Limit::Client), Rate::per_second(10, 0));
        assert_eq!(
            limits.rates.of(Limit::Session),
            Limit::Session.default_rate()
        );
        assert_eq!((limits.verifiers, limits.body_bytes), (3, 16 * 1024));
    }

    #[test]
    fn what_is_no_limit_or_out_of_bounds_refuses_to_start() {
        for (option, value, wanted) in [
            ("CARDS_PER_S", "1", "cards_per_s"),
            ("BODY", "1", "body"),
            (
                "CARD_PER_S",
                "0",
                "limits.card_per_s = 0: give 1 to 1000000",
            ),
            ("CARD_BURST", "1000001", "limits.card_burst"),
            ("CARD_PER_S", "-1", "card_per_s"),
            ("CARD_PER_S", "fast", "card_per_s"),
            ("VERIFIERS", "0", "limits.verifiers = 0: give 1 to 1000"),
            ("REQUESTS", "0", "limits.requests"),
            ("BODY_BYTES", "-1", "limits.body_bytes"),
            ("URL", "redis://:s3cret@valkey.example", "limits.url"),
            ("URL", "redis://:s3cret@valkey.example", "needs TLS"),
            ("URL", "rediss://valkey.example", "needs a password"),
        ] {
            let refused = parse(&[(option, value)]).unwrap_err();
            assert!(refused.contains(wanted), "{refused}");
            assert!(
                !refused.contains("s3cret") && refused.lines().count() == 1,
                "{refused}"
            );
        }
    }
}
