//! Servers that call the private listener: a client id and a secret by HTTP Basic (RFC 7617), or a
//! certificate.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use ipnet::IpNet;
use zeroize::Zeroizing;

use super::{Scope, Scopes, SecretError, renew_secret};
use crate::{clock::Timestamp, mode::Mode, rng::Rng, store::clients::Client};

/// An authenticated server.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's id.
    pub client_id: String,
    /// The merchant it acts for.
    pub merchant_id: String,
    /// The merchant's mode.
    pub mode: Mode,
    scopes: Scopes,
    /// Networks (CIDR) that it may call from, space separated; where there are none, from everywhere.
    networks: String,
}

impl Caller {
    /// A server, or somebody who acts for its merchant, with what was granted.
    pub(super) const fn new(
        client_id: String,
        merchant_id: String,
        mode: Mode,
        scopes: Scopes,
        networks: String,
    ) -> Self {
        Self {
            client_id,
            merchant_id,
            mode,
            scopes,
            networks,
        }
    }

    /// Whether it may call from `ip`.
    pub fn may_call_from(&self, ip: IpAddr) -> bool {
        may_call_from(&self.networks, ip)
    }

    /// Whether `scope` was granted.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }
}

/// Whether a client of these networks may call from `ip`. What cannot be read lets nobody in.
pub(super) fn may_call_from(networks: &str, ip: IpAddr) -> bool {
    let mut networks = networks.split_ascii_whitespace().peekable();
    networks.peek().is_none()
        || networks.any(|network| {
            let network = network.parse::<IpNet>();
            network.is_ok_and(|network| network.contains(&ip))
        })
}

/// A client and its secret, which is shown once and never again.
pub struct NewClient {
    /// The row to store.
    pub client: Client,
    /// The secret: `wxs_` and 43 characters (256 random bits).
    pub secret: Zeroizing<String>,
}

/// Makes a client with a secret of its own. Blocks for some 20 ms.
///
/// # Errors
/// [`SecretError`].
pub fn make_client(
    merchant_id: &str,
    mode: Mode,
    scopes: &Scopes,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<NewClient, SecretError> {
    let (secret, kept) = renew_secret(rng)?;
    let client = Client {
        id: rng
            .id(&mode.id_prefix("cli"), now)
            .map_err(|_| SecretError)?,
        merchant_id: merchant_id.to_owned(),
        mode,
        name: String::new(),
        secret: kept,
        scopes: scopes.to_string(),
        created_at: now,
        secret_changed_at: None,
        credentials_generation: 0,
        revoked_at: None,
        networks: String::new(),
        has_certificates: false,
    };
    Ok(NewClient { client, secret })
}

/// Id and secret from the value of an `Authorization` header.
pub fn basic_credentials(authorization: &str) -> Option<(String, Zeroizing<String>)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let (id, secret) = str::from_utf8(&decoded).ok()?.split_once(':')?;
    if !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    Some((id.to_owned(), Zeroizing::new(secret.to_owned())))
}

/// What has been proved, by whatever means.
impl From<Client> for Caller {
    fn from(client: Client) -> Self {
        Self {
            scopes: Scopes::parse(&client.scopes),
            client_id: client.id,
            merchant_id: client.merchant_id,
            mode: client.mode,
            networks: client.networks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SystemRng;

    fn new_client() -> NewClient {
        let now = Timestamp::from_millis(0);
        make_client(
            "m1",
            Mode::Test,
            &Scopes::parse("cards:read"),
            now,
            &SystemRng::default(),
        )
        .unwrap()
    }

    #[test]
    fn a_client_may_what_it_was_granted() {
        let caller = Caller::from(new_client().client);
        assert!(caller.may(Scope::CardsRead) && !caller.may(Scope::SessionsWrite));
    }

    #[test]
    fn a_client_calls_from_its_networks_or_from_everywhere() {
        let mut client = new_client().client;
        let from = |client: &Client, ip: &str| {
            Caller::from(client.clone()).may_call_from(ip.parse().unwrap())
        };
        assert!(from(&client, "203.0.113.9") && from(&client, "2001:db8::1"));
        client.networks = "192.0.2.0/24 2001:db8::/32".to_owned();
        assert!(from(&client, "192.0.2.77") && from(&client, "2001:db8::1"));
        assert!(!from(&client, "192.0.3.1") && !from(&client, "::1"));
        client.networks = "damaged".to_owned();
        assert!(!from(&client, "192.0.2.77"));
    }

    #[test]
    fn reads_basic_credentials_only() {
        let header = format!("Basic {}", STANDARD.encode("id:se:cret"));
        let (id, secret) = basic_credentials(&header).unwrap();
        assert_eq!((id.as_str(), secret.as_str()), ("id", "se:cret"));
        for bad in ["", "Basic", "Basic !", "Bearer aWQ6cw==", "Basic aWQ="] {
            assert!(basic_credentials(bad).is_none(), "{bad}");
        }
    }
}
