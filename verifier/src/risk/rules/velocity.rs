//! S17: more than 5,000.00 US dollars within an hour, by one card or one address, goes to review.
//!
//! The sum is over the merchant's sessions that were not rejected and whose event is less than 3,600
//! seconds old, with the same card or the same address, this one included, each session once. An
//! amount in a currency without a rate goes to review: what cannot be counted is not let through.
//! Such a session counts as nothing in later sums, since it was reviewed itself.

use serde_json::json;

use super::reason;
use crate::risk::{Effect, Facts, Reason, VELOCITY_LIMIT_USD_MICROS, VELOCITY_WINDOW_S};

pub(in crate::risk) fn answer(facts: &Facts) -> Reason {
    let window = ("window_s", json!(VELOCITY_WINDOW_S));
    let limit = ("limit_usd_micros", json!(VELOCITY_LIMIT_USD_MICROS));
    let Some(own) = facts.usd_micros else {
        return reason(
            "velocity",
            "amount_without_rate",
            (Effect::Review, 20),
            [window, limit],
        );
    };
    let sum = own.saturating_add(facts.other_usd_micros);
    let (code, effect, points) = if sum > VELOCITY_LIMIT_USD_MICROS {
        ("velocity_above_limit", Effect::Review, 40)
    } else {
        ("velocity_within_limit", Effect::None, 0)
    };
    // Counting stops above the limit, so then the sum is a lower bound.
    let sum = ("sum_usd_micros_at_least", json!(sum));
    reason("velocity", code, (effect, points), [window, limit, sum])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::rules::tests::facts;

    #[test]
    fn five_thousand_passes_and_a_cent_more_does_not() {
        let mut facts = facts();
        for (own, other, effect) in [
            (5_000_000_000, 0, Effect::None),
            (5_000_010_000, 0, Effect::Review),
            (10_000, 4_999_990_000, Effect::None),
            (10_000, 5_000_000_000, Effect::Review),
            (i64::MAX, i64::MAX, Effect::Review),
        ] {
            facts.usd_micros = Some(own);
            facts.other_usd_micros = other;
            assert_eq!(answer(&facts).effect, effect, "{own} + {other}");
        }
    }

    #[test]
    fn an_amount_without_a_rate_is_reviewed() {
        let facts = Facts {
            usd_micros: None,
            ..facts()
        };
        let reason = answer(&facts);
        assert_eq!(
            (reason.effect, reason.code.as_str()),
            (Effect::Review, "amount_without_rate")
        );
    }
}
