//! Lists of networks as they are published: of hosting providers, of proxies, VPNs and Tor.

use std::net::IpAddr;

use ipnet::IpNet;

use super::prefix_tree::PrefixTree;

/// Networks that are listed.
#[derive(Debug, Default)]
pub struct ListedNetworks(PrefixTree<()>);

impl ListedNetworks {
    /// Reads a network in CIDR notation, or an address, at the beginning of each line; behind it whatever follows a blank, a
    /// comma, `#` or `;`. A line without a network is none.
    ///
    /// # Errors
    /// Says which line has something else, or the network of all addresses.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut listed = Self::default();
        for (index, line) in text.lines().enumerate() {
            let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '#' | ';');
            let first = line.trim_start().split(is_end).next().unwrap_or_default();
            if first.is_empty() {
                continue;
            }
            let network = network(first)
                .ok_or_else(|| format!("line {}: give a network in CIDR notation", index + 1))?;
            listed.0.entry(network);
        }
        Ok(listed)
    }

    /// The longest network that holds an address.
    pub fn narrowest(&self, ip: IpAddr) -> Option<IpNet> {
        let holding = self.0.holding(ip.to_canonical());
        holding.last().map(|(network, ())| network)
    }
}

fn network(text: &str) -> Option<IpNet> {
    let network = text
        .parse::<IpNet>()
        .ok()
        .or_else(|| Some(text.parse::<IpAddr>().ok()?.to_canonical().into()))?;
    (network.prefix_len() > 0).then(|| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_forms_are_read_and_the_narrowest_network_is_found() {
        let text = "# hosts\n192.0.2.0/24 ; SBL1\n192.0.2.128/25,Example\n\n  198.51.100.7 # one\n2001:db8::/32\n; end";
        let listed = ListedNetworks::parse(text).unwrap();
        for (ip, wanted) in [
            ("192.0.2.1", Some("192.0.2.0/24")),
            ("192.0.2.200", Some("192.0.2.128/25")),
            ("::ffff:192.0.2.200", Some("192.0.2.128/25")),
            ("198.51.100.7", Some("198.51.100.7/32")),
            ("198.51.100.8", None),
            ("2001:db8:1::1", Some("2001:db8::/32")),
            ("::1", None),
        ] {
            let found = listed.narrowest(ip.parse().unwrap());
            assert_eq!(
                found.map(|network| network.to_string()).as_deref(),
                wanted,
                "{ip}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_said_by_its_line() {
        for line in [
            "example.com",
            "192.0.2.0/33",
            "192.0.2",
            "0.0.0.0/0",
            "::/0",
            "-",
        ] {
            let problem = ListedNetworks::parse(&format!("# first\n{line}\n")).unwrap_err();
            assert!(problem.starts_with("line 2: "), "{line}: {problem}");
        }
    }
}
