//! Listeners.

use std::net::SocketAddr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::ConfigError;

/// `[listen]`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Address of the public listener, for the checkout's browsers.
    pub public: SocketAddr,
    /// Address of the console's listener, for operators and people who sign in. None listens if left out.
    pub console: Option<SocketAddr>,
    /// Address of the private listener, for merchants' servers.
    pub private: SocketAddr,
    /// Origin under which browsers reach the console; it is the issuer of access tokens too.
    pub console_origin: Option<String>,
    /// Origin under which merchants' servers reach the private listener, for the proofs that come with their
    /// tokens. If left out, `private` behind `https://`, or behind `http://` where it has no certificates.
    pub private_origin: Option<String>,
    /// Origin under which browsers reach the public listener, such as `https://pay.example.com`.
    pub public_origin: String,
    /// Networks that operators call from; connections from elsewhere are closed. Without any, from
    /// everywhere.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub console_networks: Vec<IpNet>,
    /// Networks that merchants' servers call from, as with `console_networks`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub private_networks: Vec<IpNet>,
    /// Proxies in front of the public listener: from these alone the customer's address is believed, and
    /// must be there.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// Where these proxies say it.
    #[serde(default)]
    pub proxy_header: ProxyHeader,
    /// Allows plain HTTP on loopback addresses.
    #[serde(default)]
    pub plain_http_on_loopback: bool,
    /// Allows plain HTTP on the public listener, from trusted proxies alone.
    #[serde(default)]
    pub plain_http_from_proxies: bool,
}

/// The header in which a proxy names whom it speaks for. The other one is not looked at: it is whatever
/// the customer wrote.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, Eq, PartialEq, Serialize)]
pub enum ProxyHeader {
    /// `Forwarded` (RFC 7239).
    #[serde(rename = "forwarded")]
    Forwarded,
    /// `X-Forwarded-For`.
    #[default]
    #[serde(rename = "x-forwarded-for")]
    XForwardedFor,
}

/// Which listeners have certificates.
#[derive(Clone, Copy)]
pub(super) struct EncryptedListeners {
    pub(super) public: bool,
    pub(super) console: bool,
    pub(super) private: bool,
}

impl Listen {
    pub(super) fn check(&self, encrypted: EncryptedListeners) -> Result<(), ConfigError> {
        if self.console.is_none() && encrypted.console {
            return Err(ConfigError::new(
                "tls_console: give listen.console, or leave it out",
            ));
        }
        if self.console.is_some() && self.console_origin.is_none() {
            return Err(ConfigError::new(
                "listen.console_origin: with listen.console, give the origin under which browsers reach it",
            ));
        }
        let optional = [
            ("console_origin", &self.console_origin),
            ("private_origin", &self.private_origin),
        ];
        for (name, origin) in optional {
            if let Some(origin) = origin
                .as_deref()
                .filter(|text| parse_origin(text).is_none())
            {
                return Err(ConfigError::new(format!(
                    "listen.{name} = {origin:?}: give scheme, host and port only; http is for localhost"
                )));
            }
        }
        if self.is_from_proxies_alone(encrypted.public) {
            if self.trusted_proxies.is_empty() {
                return Err(ConfigError::new(
                    "listen.plain_http_from_proxies: give listen.trusted_proxies too",
                ));
            }
        } else if !encrypted.public {
            self.check_plain("public", self.public)?;
        }
        if let Some(console) = self.console.filter(|_| !encrypted.console) {
            self.check_plain("console", console)?;
        }
        if !encrypted.private {
            self.check_plain("private", self.private)?;
        }
        match parse_origin(&self.public_origin) {
            Some(_) => Ok(()),
            None => Err(ConfigError::new(format!(
                "listen.public_origin = {:?}: give scheme, host and port only; http is for localhost",
                self.public_origin
            ))),
        }
    }

    /// The issuer identifier of access tokens: the console's origin, or the private listener's where
    /// nobody signs in.
    pub fn issuer(&self, is_private_encrypted: bool) -> String {
        let console = self.console_origin.clone();
        console.unwrap_or_else(|| self.own_private_origin(is_private_encrypted))
    }

    /// Origin under which merchants' servers reach the private listener, `is_encrypted` or not.
    pub fn own_private_origin(&self, is_encrypted: bool) -> String {
        let given = self.private_origin.clone();
        let scheme = if is_encrypted { "https" } else { "http" };
        given.unwrap_or_else(|| format!("{scheme}://{}", self.private))
    }

    /// Whether the public listener, `encrypted` or not, speaks plain HTTP to trusted proxies and to
    /// nobody else.
    pub const fn is_from_proxies_alone(&self, encrypted: bool) -> bool {
        self.plain_http_from_proxies && !encrypted
    }

    fn check_plain(&self, name: &str, address: SocketAddr) -> Result<(), ConfigError> {
        if !address.ip().is_loopback() {
            return Err(ConfigError::new(format!(
                "listen.{name} = {address}: without [tls_{name}] only a loopback address is allowed \
                 (`verifier pki` makes certificates)"
            )));
        }
        if !self.plain_http_on_loopback {
            return Err(ConfigError::new(format!(
                "plain HTTP on listen.{name} needs listen.plain_http_on_loopback = true (development, \
                 or behind a proxy on this host); give [tls_{name}] for TLS"
            )));
        }
        Ok(())
    }
}

/// An origin in its one serialization (RFC 6454 section 6.2): `https`, or `http` on this machine.
/// `None` for anything else, a path or a trailing slash included.
pub fn parse_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let secure = url.scheme() == "https" || (url.scheme() == "http" && local);
    let origin = url.origin().ascii_serialization();
    // URLs take more in a host than a policy that names it could hold, such as `*` and `;`.
    let plain = |host: &str| {
        host.bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.'))
    };
    let plain = match url.host()? {
        Host::Domain(name) => plain(name),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    (secure && plain && origin == text && origin.len() <= 255).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::parse_origin;

    #[test]
    fn origins_have_one_form() {
        for good in [
            "https://shop.example",
            "https://shop.example:8443",
            "http://localhost:8080",
        ] {
            assert_eq!(parse_origin(good).as_deref(), Some(good));
        }
        for bad in [
            "",
            "null",
            "*",
            "shop.example",
            "https://shop.example/",
            "https://shop.example/a",
            "https://SHOP.example",
            "https://shop.example:443",
            "http://shop.example",
            "https://a@shop.example",
            "https://shop.example?x",
            "ftp://shop.example",
            "data:text/html,x",
            "https://*",
            "https://*.example.com",
            "https://a;sandbox",
            "https://a,default-src",
            "https://a'b.example",
            "https://a_b.example",
        ] {
            assert_eq!(parse_origin(bad), None, "{bad}");
        }
    }
}
