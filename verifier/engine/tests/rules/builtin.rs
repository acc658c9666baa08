//! The seed pack against the functions that it replaced, kept here as they were.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use waxseal_engine::{
    Decision, Effect, Outcome, Reason,
    attribute::{Attribute, Attributes, Value as Known},
    country::CountryCode,
    rules::{Found, Lists, Scalar, seed},
};

const LIMIT_USD_MICROS: i64 = 5_000_000_000;

#[derive(Clone, Debug)]
struct Facts {
    ip_blocked_by: Option<&'static str>,
    ip_country: Option<CountryCode>,
    bin_country: Option<CountryCode>,
    shipping_country: Option<CountryCode>,
    usd_micros: Option<i64>,
    other_usd_micros: i64,
    sdk_build_known: bool,
    unknown_signals: u32,
}

fn block_list(facts: &Facts) -> Reason {
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

fn velocity(facts: &Facts) -> Reason {
    let window = ("window_s", json!(3600));
    let limit = ("limit_usd_micros", json!(LIMIT_USD_MICROS));
    let Some(own) = facts.usd_micros else {
        let effect = (Effect::Review, 20);
        return reason("velocity", "amount_without_rate", effect, [window, limit]);
    };
    let sum = own.saturating_add(facts.other_usd_micros);
    let (code, effect, points) = if sum > LIMIT_USD_MICROS {
        ("velocity_above_limit", Effect::Review, 40)
    } else {
        ("velocity_within_limit", Effect::None, 0)
    };
    let sum = ("sum_usd_micros_at_least", json!(sum));
    reason("velocity", code, (effect, points), [window, limit, sum])
}

fn bin_country(facts: &Facts) -> Reason {
    let (code, effect, points) = match (facts.bin_country, facts.shipping_country) {
        (None, _) => ("bin_country_unknown", Effect::Flag, 10),
        (Some(_), None) => ("nothing_shipped", Effect::None, 0),
        (Some(bin), Some(shipping)) if bin == shipping => ("bin_country_matches", Effect::None, 0),
        (Some(_), Some(_)) => ("bin_country_differs", Effect::Flag, 25),
    };
    let value =
        |country: Option<_>| country.map_or(Value::Null, |country: CountryCode| json!(country));
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

fn sdk(facts: &Facts) -> Reason {
    let (code, effect, points) = match facts.sdk_build_known {
        true => ("sdk_build_known", Effect::None, 0),
        false => ("sdk_build_unknown", Effect::Flag, 15),
    };
    let unknown = ("unknown_signals", json!(facts.unknown_signals));
    reason("sdk_build", code, (effect, points), [unknown])
}

fn assess(facts: &Facts) -> Decision {
    let reasons: Vec<_> = [block_list, velocity, bin_country, sdk]
        .map(|rule| rule(facts))
        .into();
    let outcome = reasons.iter().map(|reason| match reason.effect {
        Effect::Reject => Outcome::Reject,
        Effect::Review => Outcome::Review,
        _ => Outcome::Allow,
    });
    Decision {
        outcome: outcome.max().unwrap_or(Outcome::Review),
        points: reasons.iter().map(|reason| reason.points).sum(),
        reasons,
    }
}

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
            .collect::<BTreeMap<_, _>>(),
    }
}

struct BlockedBy(Option<&'static str>);

impl Lists for BlockedBy {
    fn find(&self, list: &str, value: Scalar<'_>) -> Found {
        assert_eq!(
            (list, value),
            ("blocked_ips", Scalar::Address([192, 0, 2, 1].into()))
        );
        self.0
            .map_or(Found::Absent, |network| Found::Entry(network.into()))
    }
}

fn attributes(facts: &Facts) -> Attributes {
    let mut attributes = Attributes::default();
    attributes.set(Attribute::IpAddress, Known::Address([192, 0, 2, 1].into()));
    attributes.set(Attribute::IpCountry, facts.ip_country);
    attributes.set(Attribute::CardBinCountry, facts.bin_country);
    attributes.set(Attribute::SessionShippingCountry, facts.shipping_country);
    attributes.set(Attribute::SessionAmountUsdMicros, facts.usd_micros);
    attributes.set(
        Attribute::VelocityCardOrIpSumUsdMicros1h,
        facts.other_usd_micros,
    );
    attributes.set(Attribute::SdkBuildKnown, facts.sdk_build_known);
    attributes.set(Attribute::SignalsUnknown, facts.unknown_signals);
    attributes
}

fn country() -> impl Strategy<Value = Option<CountryCode>> {
    let codes = ["DE", "FR", "US"].map(|code| CountryCode::parse(code).ok());
    prop::sample::select([&codes[..], &[None]].concat())
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        0..10_000_000_000_i64,
        (LIMIT_USD_MICROS - 2)..(LIMIT_USD_MICROS + 3),
        Just(0),
        Just(i64::MAX),
    ]
}

fn facts() -> impl Strategy<Value = Facts> {
    (
        prop::sample::select(vec![None, Some("192.0.2.0/24"), Some("192.0.2.1/32")]),
        [country(), country(), country()],
        prop::option::weighted(0.9, amount()),
        amount(),
        any::<bool>(),
        any::<u32>(),
    )
        .prop_map(
            |(ip_blocked_by, countries, usd_micros, other_usd_micros, known, unknown)| Facts {
                ip_blocked_by,
                ip_country: countries[0],
                bin_country: countries[1],
                shipping_country: countries[2],
                usd_micros,
                other_usd_micros,
                sdk_build_known: known,
                unknown_signals: unknown,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_seed_pack_decides_as_the_functions_did(facts in facts()) {
        let expected = assess(&facts);
        let mut found = seed().evaluate(&attributes(&facts), &BlockedBy(facts.ip_blocked_by));
        prop_assert_eq!(found.failed_rules, 0);
        found.decision.reasons.truncate(expected.reasons.len());
        prop_assert_eq!(found.decision, expected);
    }
}

/// The limit to the last millionth, in whichever part of the sum it is.
#[test]
fn five_thousand_passes_and_a_millionth_more_does_not() {
    for (own, other, outcome) in [
        (5_000_000_000, 0, Outcome::Allow),
        (5_000_000_001, 0, Outcome::Review),
        (10_000, 4_999_990_000, Outcome::Allow),
        (10_000, 4_999_990_001, Outcome::Review),
        (i64::MAX, i64::MAX, Outcome::Review),
    ] {
        let country = CountryCode::parse("DE").ok();
        let facts = Facts {
            ip_blocked_by: None,
            ip_country: country,
            bin_country: country,
            shipping_country: country,
            usd_micros: Some(own),
            other_usd_micros: other,
            sdk_build_known: true,
            unknown_signals: 0,
        };
        let found = seed().evaluate(&attributes(&facts), &BlockedBy(None));
        assert_eq!(found.decision.outcome, outcome, "{own} + {other}");
    }
}
