//! Whose requests are counted together.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};

/// An address, or a caller at an endpoint, in 16 bytes: a table of them has a known size.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CallerKey([u8; 16]);

impl CallerKey {
    /// An IPv4 address; of an IPv6 address the network of 64 bits, since whoever has one address of it has
    /// all.
    pub const fn of_address(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self(ip.to_ipv6_mapped().octets()),
            IpAddr::V6(ip) => Self((ip.to_bits() >> 64 << 64).to_be_bytes()),
        }
    }

    /// A caller's id, at the endpoint of that method and template.
    pub fn of_caller(id: &str, method: &str, template: &str) -> Self {
        // None of them has a line feed in it.
        let text = [id, method, template].join("\n");
        let mut key = [0; 16];
        key.copy_from_slice(&digest(&SHA256, text.as_bytes()).as_ref()[..16]);
        Self(key)
    }

    /// An address that a merchant makes sessions for, an IPv6 address's network as above.
    pub fn of_shopper(merchant_id: &str, ip: IpAddr) -> Self {
        let Self(address) = Self::of_address(ip);
        Self::of_caller(
            merchant_id,
            "shopper",
            &u128::from_be_bytes(address).to_string(),
        )
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(ip: &str) -> CallerKey {
        CallerKey::of_address(ip.parse().unwrap())
    }

    #[test]
    fn addresses_of_one_caller_are_one() {
        assert_eq!(
            key("2001:db8:1:2::1"),
            key("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_eq!(key("203.0.113.9"), key("::ffff:203.0.113.9"));
        let apart = [
            "2001:db8:1:2::1",
            "2001:db8:1:3::1",
            "203.0.113.9",
            "203.0.113.8",
            "::1",
        ];
        for (at, one) in apart.iter().enumerate() {
            for other in &apart[at + 1..] {
                assert_ne!(key(one), key(other));
            }
        }
    }

    #[test]
    fn a_caller_is_another_at_another_endpoint() {
        let key = |id, method, route| CallerKey::of_caller(id, method, route);
        let one = key("cli_test_1", "GET", "/v1/cards");
        assert_eq!(one, key("cli_test_1", "GET", "/v1/cards"));
        assert_ne!(one, key("cli_test_2", "GET", "/v1/cards"));
        assert_ne!(one, key("cli_test_1", "POST", "/v1/cards"));
        assert_ne!(one, key("cli_test_1", "GET", "/v1/cards/{id}"));
    }
}
