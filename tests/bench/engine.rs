//! One decision from given attributes: 50 rules, those that are shipped among them.

use std::{fmt::Write, hint::black_box, time::Instant};

use waxseal_engine::{
    attribute::{Attribute, Attributes, Decimal, Type, Unit, Value},
    country::CountryCode,
    rules::{Found, Lists, RuleSet, SEED_TEXT, Scalar},
};

use crate::figure;

const RULES: usize = 50;

pub(crate) fn measure(is_quick: bool) {
    let count = if is_quick { 20_000 } else { 200_000 };
    let set = RuleSet::parse(&text()).expect("rules");
    assert_eq!(set.names().count(), RULES);
    let attributes: Vec<_> = (0..64).map(attributes).collect();
    let mut times: Vec<f64> = Vec::with_capacity(count);
    for round in 0..count + count / 10 {
        let attributes = &attributes[round % attributes.len()];
        let start = Instant::now();
        let found = set.evaluate(black_box(attributes), &Blocked);
        let took = start.elapsed();
        assert_eq!(black_box(found).failed_rules, 0);
        if round >= count / 10 {
            times.push(took.as_secs_f64() * 1e6);
        }
    }
    times.sort_by(f64::total_cmp);
    figure::print("engine_us_p50", figure::quantile(&times, 0.5), "us", count);
    figure::print("engine_us_p99", figure::quantile(&times, 0.99), "us", count);
}

/// A tenth of the addresses are listed.
struct Blocked;

impl Lists for Blocked {
    fn find(&self, _: &str, value: Scalar<'_>) -> Found {
        match value {
            Scalar::Address(std::net::IpAddr::V4(address)) if address.octets()[3] % 10 == 0 => {
                Found::Entry("192.0.2.0/24".into())
            }
            _ => Found::Absent,
        }
    }
}

/// The shipped rules, and as many more of the kinds that merchants write.
fn text() -> String {
    let mut text = SEED_TEXT.to_owned();
    let shipped = RuleSet::parse(SEED_TEXT)
        .expect("the shipped rules")
        .names()
        .count();
    for index in shipped..RULES {
        let condition = match index % 5 {
            0 => format!(
                "velocity.card.count_1h else 0 > {index} and session.amount_usd_micros else 0.00 USD > 100.00 USD"
            ),
            1 => format!(
                "known(card.bin_country) and card.bin_country in [\"US\", \"FR\", \"DE\"] and session.amount_minor else 0 > {index}000"
            ),
            2 => format!(
                "(model.score else 0.0) * 2 > 0.{index} or device.verdict else \"none\" == \"same\""
            ),
            3 => format!(
                "ip.address in [\"10.{index}.0.0/16\", \"198.51.100.0/24\", \"2001:db8::/32\"] and not (ip.hosting else false)"
            ),
            _ => format!(
                "velocity.ip.sum_usd_micros_24h else 0.00 USD + session.amount_usd_micros else 0.00 USD > {index}00.00 USD"
            ),
        };
        writeln!(
            text,
            "rule \"r{index}\" when {condition} then flag points {index} reason matched"
        )
        .expect("text");
    }
    text
}

/// What a submission with every signal has.
fn attributes(seed: i64) -> Attributes {
    let mut attributes = Attributes::default();
    for attribute in Attribute::ALL {
        let number = (seed * 2_654_435_761 + i64::from(attribute.number()) * 40_503) % 1_000;
        let value = match (attribute.kind(), attribute.unit()) {
            (Type::Address, _) => {
                Value::Address([192, 0, 2, u8::try_from(seed).unwrap_or(0)].into())
            }
            (Type::Boolean, _) => (number % 2 == 0).into(),
            (Type::Country, _) => {
                CountryCode::parse(["DE", "FR", "US"][usize::try_from(number % 3).unwrap_or(0)])
                    .ok()
                    .into()
            }
            (Type::Decimal, _) => Decimal::from_millionths(number * 1_000).into(),
            (Type::Integer, Unit::UsdMicros) => Value::Integer(number * 1_000_000),
            (Type::Integer, _) => Value::Integer(number),
            (Type::Text, _) => {
                ["same", "credit", "USD"][usize::try_from(number % 3).unwrap_or(0)].into()
            }
        };
        attributes.set(*attribute, value);
    }
    attributes
}
