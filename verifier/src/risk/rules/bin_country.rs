//! S18: a card issued in another country than the goods go to is flagged; the decision stays.

use serde_json::{Value, json};

use super::reason;
use crate::risk::{Effect, Facts, Reason};

pub(in crate::risk) fn answer(facts: &Facts) -> Reason {
    let (code, effect, points) = match (facts.bin_country, facts.shipping_country) {
        (None, _) => ("bin_country_unknown", Effect::Flag, 10),
        (Some(_), None) => ("nothing_shipped", Effect::None, 0),
        (Some(bin), Some(shipping)) if bin == shipping => ("bin_country_matches", Effect::None, 0),
        (Some(_), Some(_)) => ("bin_country_differs", Effect::Flag, 25),
    };
    let value = |country: Option<_>| country.map_or(Value::Null, |country| json!(country));
    reason(
        "bin_country",
        code,
        (effect, points),
        [
            ("bin_country", value(facts.bin_country)),
            ("shipping_country", value(facts.shipping_country)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::{country::CountryCode, rules::tests::facts};

    #[test]
    fn flags_a_difference_and_an_unknown_apart() {
        let us = CountryCode::parse("US").ok();
        for (bin, shipping, code, effect) in [
            (us, us, "bin_country_matches", Effect::None),
            (
                us,
                CountryCode::parse("DE").ok(),
                "bin_country_differs",
                Effect::Flag,
            ),
            (None, us, "bin_country_unknown", Effect::Flag),
            (us, None, "nothing_shipped", Effect::None),
        ] {
            let facts = Facts {
                bin_country: bin,
                shipping_country: shipping,
                ..facts()
            };
            let reason = answer(&facts);
            assert_eq!((reason.code.as_str(), reason.effect), (code, effect));
        }
    }
}
