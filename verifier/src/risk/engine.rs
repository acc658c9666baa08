//! The rules that this build carries, and the list that they ask.

/// Version of the rules and of their order.
pub const RULE_SET: &str = "builtin-2";

/// The list of networks whose requests the shipped rules reject.
pub const BLOCKED_IPS: &str = "blocked_ips";

#[cfg(test)]
pub(super) mod tests {
    use ipnet::IpNet;
    use waxseal_engine::{
        Outcome,
        attribute::{Attribute, Attributes},
        rules::{Evaluation, Found, Lists, Scalar, seed},
    };

    use super::*;

    /// Networks as the list `@blocked_ips`.
    pub(crate) struct BlockedNetworks<'a>(pub(crate) &'a [IpNet]);

    impl Lists for BlockedNetworks<'_> {
        fn find(&self, list: &str, value: Scalar<'_>) -> Found {
            let (BLOCKED_IPS, Scalar::Address(address)) = (list, value) else {
                return Found::NoList;
            };
            let found = self.0.iter().find(|network| network.contains(&address));
            found.map_or(Found::Absent, |network| {
                Found::Entry(network.to_string().into())
            })
        }
    }

    fn from(address: [u8; 4]) -> Evaluation {
        let mut attributes = Attributes::default();
        attributes.set(Attribute::IpAddress, std::net::IpAddr::from(address));
        attributes.set(Attribute::SessionAmountUsdMicros, 1_i64);
        attributes.set(Attribute::VelocityCardOrIpSumUsdMicros1h, 0_i64);
        attributes.set(Attribute::SdkBuildKnown, true);
        attributes.set(Attribute::SignalsUnknown, 0_u32);
        let networks = ["10.0.0.0/8", "192.0.2.0/24"].map(|network| network.parse().unwrap());
        seed().evaluate(&attributes, &BlockedNetworks(&networks))
    }

    #[test]
    fn a_listed_network_rejects_and_is_named() {
        let found = from([192, 0, 2, 77]);
        assert_eq!(
            (found.decision.outcome, found.failed_rules),
            (Outcome::Reject, 0)
        );
        let values = &found.decision.reasons[0].values;
        assert_eq!(values["network"], "192.0.2.0/24");
        let found = from([192, 0, 3, 1]);
        assert_eq!(
            (found.decision.outcome, found.failed_rules),
            (Outcome::Allow, 0)
        );
    }
}
