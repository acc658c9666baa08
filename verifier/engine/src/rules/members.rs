//! Sets of values between brackets, sorted, so that looking one up is no walk through all.

use std::net::IpAddr;

use ipnet::IpNet;

use super::scalar::Scalar;
use crate::country::CountryCode;

/// Values of one type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Members {
    Countries(Vec<CountryCode>),
    /// In millionths.
    Numbers(Vec<i128>),
    Networks(Networks),
    Texts(Vec<Box<str>>),
}

impl Members {
    pub(super) fn countries(mut countries: Vec<CountryCode>) -> Self {
        countries.sort_unstable();
        Self::Countries(countries)
    }

    pub(super) fn numbers(mut numbers: Vec<i128>) -> Self {
        numbers.sort_unstable();
        Self::Numbers(numbers)
    }

    pub(super) fn texts(mut texts: Vec<Box<str>>) -> Self {
        texts.sort_unstable();
        Self::Texts(texts)
    }

    pub(super) fn contains(&self, value: Scalar<'_>) -> bool {
        match (self, value) {
            (Self::Countries(members), Scalar::Country(country)) => {
                members.binary_search(&country).is_ok()
            }
            (Self::Networks(networks), Scalar::Address(address)) => networks.contains(address),
            (Self::Texts(members), Scalar::Text(text)) => members
                .binary_search_by(|member| (**member).cmp(text))
                .is_ok(),
            (Self::Numbers(members), number) => number
                .millionths()
                .is_some_and(|number| members.binary_search(&number).is_ok()),
            _ => false,
        }
    }
}

/// Networks, sorted, with the lengths of prefix that there are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Networks {
    networks: Vec<IpNet>,
    prefix_lengths: Vec<u8>,
}

impl FromIterator<IpNet> for Networks {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        let mut networks: Vec<_> = networks
            .into_iter()
            .map(|network| network.trunc())
            .collect();
        networks.sort_unstable();
        networks.dedup();
        let mut prefix_lengths: Vec<_> = networks.iter().map(IpNet::prefix_len).collect();
        prefix_lengths.sort_unstable();
        prefix_lengths.dedup();
        Self {
            networks,
            prefix_lengths,
        }
    }
}

impl Networks {
    fn contains(&self, address: IpAddr) -> bool {
        self.prefix_lengths.iter().any(|length| {
            IpNet::new(address, *length)
                .is_ok_and(|network| self.networks.binary_search(&network.trunc()).is_ok())
        })
    }
}

/// A network, or the network of one address.
pub(super) fn network(text: &str) -> Option<IpNet> {
    let of_one = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(of_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_the_networks_that_hold_it() {
        let networks: Networks = ["10.1.2.3/8", "192.0.2.7", "2001:db8::/32", "0.0.0.0/32"]
            .into_iter()
            .filter_map(network)
            .collect();
        let members = Members::Networks(networks);
        for (address, is_in) in [
            ("10.255.255.255", true),
            ("11.0.0.0", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8:ffff::", true),
            ("2001:db9::", false),
            ("0.0.0.0", true),
            ("::", false),
            ("::ffff:10.0.0.1", false),
        ] {
            let address = Scalar::Address(address.parse().unwrap());
            assert_eq!(members.contains(address), is_in, "{address:?}");
        }
    }
}
