//! Listeners, and bounds on what a caller may send.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::Deserialize;
use url::{Host, Url};

use super::ConfigError;

/// `[listen]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Address of the public listener, for the checkout's browsers. Loopback: TLS is not built in yet.
    pub public: SocketAddr,
    /// Address of the private listener, for merchants' servers and operators. Loopback only.
    pub private: SocketAddr,
    /// Address of the console, where people sign in. None listens if left out. Loopback only.
    pub console: Option<SocketAddr>,
    /// Origin under which browsers reach the console; it is the issuer of access tokens too.
    pub console_origin: Option<String>,
    /// Origin under which merchants' servers reach the private listener, for the proofs that come with their
    /// tokens. `http://` and `private` if left out.
    pub private_origin: Option<String>,
    /// Origin under which browsers reach the public listener, such as `https://pay.example.com`.
    pub public_origin: String,
    /// Proxies in front of the public listener: from these alone `X-Forwarded-For` is believed, and
    /// must be there.
    #[serde(default)]
    pub trusted_proxies: Vec<IpNet>,
    /// Allows plain HTTP on loopback addresses.
    #[serde(default)]
    pub plain_http_on_loopback: bool,
}

impl Listen {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let console = self.console.map(|console| ("console", console));
        let others = [("public", self.public), ("private", self.private)];
        for (name, address) in others.into_iter().chain(console) {
            if !address.ip().is_loopback() {
                return Err(ConfigError::new(format!(
                    "listen.{name} = {address}: without TLS only a loopback address is allowed"
                )));
            }
        }
        if !self.plain_http_on_loopback {
            return Err(ConfigError::new(
                "plain HTTP needs listen.plain_http_on_loopback = true (development, or behind a proxy on this host)",
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
    pub fn issuer(&self) -> String {
        let console = self.console_origin.clone();
        console.unwrap_or_else(|| self.own_private_origin())
    }

    /// Origin under which merchants' servers reach the private listener.
    pub fn own_private_origin(&self) -> String {
        let given = self.private_origin.clone();
        given.unwrap_or_else(|| format!("http://{}", self.private))
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

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
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
