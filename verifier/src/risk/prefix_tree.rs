//! Networks by their bits: the ones that hold an address are found in as many steps as it has bits, however many
//! networks there are.

use std::net::IpAddr;

use ipnet::IpNet;

/// A value for each network; of the two families apart.
#[derive(Debug)]
pub struct PrefixTree<T> {
    nodes: Vec<Node>,
    values: Vec<(IpNet, T)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// 0, which is the root, where there is none.
    children: [u32; 2],
    /// Place among the values, from 1.
    value: u32,
}

/// Places of the families' roots.
const ROOTS: [u32; 2] = [0, 1];

impl<T> Default for PrefixTree<T> {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default(); ROOTS.len()],
            values: Vec::new(),
        }
    }
}

impl<T: Default> PrefixTree<T> {
    /// The network's value, which is made if it is not there.
    pub fn entry(&mut self, network: IpNet) -> &mut T {
        let network = network.trunc();
        let (root, bits) = bits(network.network());
        let mut at = root as usize;
        for bit in bits.take(usize::from(network.prefix_len())) {
            let next = self.nodes[at].children[bit];
            at = if next == 0 {
                let made = self.nodes.len();
                self.nodes.push(Node::default());
                // There is less memory than four thousand million nodes take.
                self.nodes[at].children[bit] = u32::try_from(made).unwrap_or(0);
                made
            } else {
                next as usize
            };
        }
        if self.nodes[at].value == 0 {
            self.values.push((network, T::default()));
            self.nodes[at].value = u32::try_from(self.values.len()).unwrap_or(0);
        }
        let place = self.nodes[at].value as usize - 1;
        &mut self.values[place].1
    }

    /// The networks that hold `ip`, the widest first.
    pub fn holding(&self, ip: IpAddr) -> impl Iterator<Item = (IpNet, &T)> {
        let (root, mut bits) = bits(ip);
        let mut next = Some(root as usize);
        let nodes = std::iter::from_fn(move || {
            let node = self.nodes[next?];
            next = bits
                .next()
                .map(|bit| node.children[bit] as usize)
                .filter(|child| *child != 0);
            Some(node)
        });
        nodes.filter_map(|node| {
            let place = (node.value as usize).checked_sub(1)?;
            let (network, value) = &self.values[place];
            Some((*network, value))
        })
    }
}

/// Root of the address's family, and its bits, the highest first.
fn bits(ip: IpAddr) -> (u32, impl Iterator<Item = usize>) {
    let (root, aligned, length) = match ip {
        IpAddr::V4(ip) => (ROOTS[0], u128::from(ip.to_bits()) << 96, 32),
        IpAddr::V6(ip) => (ROOTS[1], ip.to_bits(), 128),
    };
    let bit = move |place: u32| usize::from(aligned >> (127 - place) & 1 == 1);
    (root, (0..length).map(bit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(networks: &[IpNet]) -> PrefixTree<bool> {
        let mut tree = PrefixTree::default();
        for network in networks {
            *tree.entry(*network) = true;
        }
        tree
    }

    proptest! {
        #[test]
        fn the_networks_that_hold_an_address_are_found_and_no_others(
            drawn in prop::collection::vec((any::<bool>(), any::<u16>(), 0_u8..=32), 0..40),
            is_v6 in any::<bool>(),
            low in any::<u16>(),
        ) {
            // Few addresses, so that some lie in some networks.
            let address = |is_v6: bool, low: u16| -> IpAddr {
                match is_v6 {
                    true => u128::from(low & 0x3f).rotate_right(6).to_be_bytes().into(),
                    false => u32::from(low & 0x3f).rotate_right(6).to_be_bytes().into(),
                }
            };
            let networks: Vec<_> = drawn
                .into_iter()
                .map(|(is_v6, low, length)| IpNet::new(address(is_v6, low), length).unwrap().trunc())
                .collect();
            let ip = address(is_v6, low);
            let tree = tree(&networks);
            let found: Vec<_> = tree.holding(ip).map(|(network, _)| network).collect();
            let mut wanted: Vec<_> = networks.into_iter().filter(|network| network.contains(&ip)).collect();
            wanted.sort_unstable_by_key(IpNet::prefix_len);
            wanted.dedup();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn single_addresses_and_the_whole_space_are_networks_too() {
        let networks = ["0.0.0.0/0", "192.0.2.1/32", "2001:db8::1/128"];
        let tree = tree(&networks.map(|network| network.parse().unwrap()));
        let count = |ip: &str| tree.holding(ip.parse().unwrap()).count();
        assert_eq!(count("192.0.2.1"), 2);
        assert_eq!(count("192.0.2.2"), 1);
        assert_eq!(count("2001:db8::1"), 1);
        assert_eq!(count("2001:db8::2"), 0);
    }
}
