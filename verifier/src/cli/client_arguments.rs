//! What commands are told of a merchant's server.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::identity::{Permission, Scope, ServerRole};

pub(super) fn parse_scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| one_of(Scope::NAMES.iter().map(|(_, name)| *name)))
}

pub(super) fn parse_role(text: &str) -> Result<ServerRole, String> {
    let role = ServerRole::try_from(text.to_owned());
    role.map_err(|_| one_of(Scope::ROLES.iter().map(|role| role.name)))
}

/// `dns:NAME`, in lower case, or `uri:URI`.
pub(super) fn parse_certificate_name(text: &str) -> Result<String, String> {
    let value = text.strip_prefix("dns:").or(text.strip_prefix("uri:"));
    match value {
        Some(value) if !value.is_empty() && value.bytes().all(|c| c.is_ascii_graphic()) => {
            Ok(match text.starts_with("dns:") {
                true => text.to_ascii_lowercase(),
                false => text.to_owned(),
            })
        }
        _ => Err("use dns:NAME or uri:URI".to_owned()),
    }
}

/// An address stands for itself alone. An address within a network would be one or the other.
pub(super) fn parse_network(text: &str) -> Result<IpNet, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.into());
    }
    let network: IpNet = text
        .parse()
        .map_err(|_| "use an address or a network, such as 192.0.2.0/24".to_owned())?;
    match network.trunc() == network {
        true => Ok(network),
        false => Err(format!(
            "use {} for the network, or {} for the address",
            network.trunc(),
            network.addr()
        )),
    }
}

fn one_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    format!("use {}", names.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_network_of_its_own() {
        let parsed = |text| parse_network(text).map(|network| network.to_string());
        assert_eq!(parsed("127.0.0.1").unwrap(), "127.0.0.1/32");
        assert_eq!(parsed("2001:db8::1").unwrap(), "2001:db8::1/128");
        assert_eq!(parsed("192.0.2.0/24").unwrap(), "192.0.2.0/24");
        assert_eq!(
            parsed("192.0.2.7/24").unwrap_err(),
            "use 192.0.2.0/24 for the network, or 192.0.2.7 for the address"
        );
        assert!(parsed("everywhere").is_err() && parsed("192.0.2.0/33").is_err());
    }
}
