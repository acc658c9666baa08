//! Addresses of a Valkey or Redis.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::ConfigError;

/// Address of a Valkey or Redis: on this machine, or with TLS and a password.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct ValkeyUrl(Zeroizing<String>);

impl ValkeyUrl {
    /// Reads `redis://`, `rediss://` (TLS) or `unix://`.
    ///
    /// # Errors
    /// For anything else, for a server that is not on this machine without TLS or without a password, and
    /// for TLS that checks no certificate.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        // Never quotes it: it may hold a password.
        let refuse =
            |problem: &str| Err(ConfigError::new(format!("address of a Valkey: {problem}")));
        let Ok(url) = Url::parse(text) else {
            return refuse("give redis://, rediss:// or unix://");
        };
        let is_local = match (url.scheme(), url.host()) {
            ("unix", None) => true,
            ("redis" | "rediss", Some(Host::Ipv4(ip))) => ip.is_loopback(),
            ("redis" | "rediss", Some(Host::Ipv6(ip))) => ip.is_loopback(),
            // Of a scheme that the URL standard does not know, addresses are names.
            ("redis" | "rediss", Some(Host::Domain(name))) => {
                name == "localhost"
                    || name
                        .parse()
                        .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
            }
            _ => return refuse("give redis://, rediss:// or unix://, with a host or a path"),
        };
        if url.fragment().is_some() {
            return refuse("leave out what follows the #: certificates are always checked");
        }
        if !is_local && url.scheme() != "rediss" {
            return refuse("a server that is not on this machine needs TLS: use rediss://");
        }
        if !is_local && url.password().is_none_or(str::is_empty) {
            return refuse(
                "a server that is not on this machine needs a password: rediss://:password@host",
            );
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    // EXPOSE: with its password, to connect.
    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ValkeyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValkeyUrl(redacted)")
    }
}

impl TryFrom<String> for ValkeyUrl {
    type Error = ConfigError;

    fn try_from(text: String) -> Result<Self, ConfigError> {
        Self::parse(&Zeroizing::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_this_machine_needs_neither_tls_nor_password() {
        for url in [
            "redis://127.0.0.1:6379",
            "redis://127.0.0.1:6379/3",
            "redis://[::1]",
            "redis://localhost",
            "redis://:secret@localhost",
            "rediss://localhost",
            "unix:///run/valkey.sock",
            "rediss://:secret@valkey.example:6380",
            "rediss://user:secret@10.0.0.7",
        ] {
            assert_eq!(ValkeyUrl::parse(url).unwrap().as_str(), url);
        }
    }

    #[test]
    fn a_server_elsewhere_without_tls_or_password_is_refused_in_a_line_without_the_password() {
        for (url, wanted) in [
            ("redis://:secret@valkey.example", "needs TLS"),
            ("redis://:secret@10.0.0.7", "needs TLS"),
            ("redis://:secret@[fe80::1]", "needs TLS"),
            ("redis://:secret@localhost.example", "needs TLS"),
            ("redis://:secret@128.0.0.1", "needs TLS"),
            ("rediss://valkey.example", "needs a password"),
            ("rediss://secret@valkey.example", "needs a password"),
            ("rediss://secret:@valkey.example", "needs a password"),
            ("rediss://:secret@valkey.example#insecure", "certificates"),
            ("http://:secret@localhost", "give redis://"),
            ("unix://secret/run/valkey.sock", "give redis://"),
            ("redis:///secret", "give redis://"),
            ("secret", "give redis://"),
            ("", "give redis://"),
        ] {
            let error = ValkeyUrl::parse(url).unwrap_err().to_string();
            assert!(error.contains(wanted), "{url}: {error}");
            assert_eq!(error.lines().count(), 1);
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn debug_tells_no_password() {
        let url = ValkeyUrl::parse("redis://:secret@localhost").unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
