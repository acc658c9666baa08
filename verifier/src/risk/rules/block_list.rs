//! S16: a request from a block-listed network is rejected.

use serde_json::{Value, json};

use super::reason;
use crate::risk::{Effect, Facts, Reason};

pub(in crate::risk) fn answer(facts: &Facts) -> Reason {
    let country = facts
        .ip_country
        .map_or(Value::Null, |country| json!(country));
    match facts.ip_blocked_by {
        None => reason(
            "ip_block_list",
            "ip_not_blocked",
            (Effect::None, 0),
            [("ip_country", country)],
        ),
        Some(network) => reason(
            "ip_block_list",
            "ip_blocked",
            (Effect::Reject, 100),
            [("ip_country", country), ("network", json!(network))],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::rules::tests::facts;

    #[test]
    fn rejects_a_listed_address_only() {
        let mut facts = facts();
        assert_eq!(answer(&facts).effect, Effect::None);
        facts.ip_blocked_by = Some("2001:db8::/32".parse().unwrap());
        let reason = answer(&facts);
        assert_eq!(
            (reason.effect, reason.code.as_str()),
            (Effect::Reject, "ip_blocked")
        );
        assert_eq!(reason.values["network"], "2001:db8::/32");
    }
}
