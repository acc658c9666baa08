//! The built-in rules, one file each: pure functions from facts to an answer.

pub(super) mod bin_country;
pub(super) mod block_list;
pub(super) mod sdk;
pub(super) mod velocity;

use serde_json::Value;

use super::{Effect, Reason};

fn reason<const N: usize>(
    rule: &str,
    code: &str,
    (effect, points): (Effect, u32),
    values: [(&str, Value); N],
) -> Reason {
    Reason {
        rule: rule.to_owned(),
        code: code.to_owned(),
        effect,
        points,
        values: values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::risk::{Facts, country::CountryCode};

    /// Facts that no rule objects to.
    pub(in crate::risk) fn facts() -> Facts {
        Facts {
            ip_blocked_by: None,
            ip_country: CountryCode::parse("DE").ok(),
            bin_country: CountryCode::parse("DE").ok(),
            shipping_country: CountryCode::parse("DE").ok(),
            usd_micros: Some(1_000_000),
            other_usd_micros: 0,
            sdk_build_known: true,
            unknown_signals: 0,
        }
    }
}
