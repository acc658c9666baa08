//! What each limit lets through in this verifier.

use std::{borrow::Cow, fmt, ops::RangeInclusive};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::json;

use super::{Limit, Rate};

const PER_S: RangeInclusive<u32> = 1..=1_000_000;
const BURST: RangeInclusive<u32> = 0..=1_000_000;

/// The table's rates, with what the configuration changes of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rates([Rate; Limit::ALL.len()]);

impl Rates {
    /// What `limit` lets through.
    pub const fn of(&self, limit: Limit) -> Rate {
        self.0[limit.place()]
    }

    /// Lets `limit` let that through.
    pub const fn set(&mut self, limit: Limit, rate: Rate) {
        self.0[limit.place()] = rate;
    }

    fn change(&mut self, option: &str, value: u32) -> Result<(), String> {
        let (limit, is_burst) = parse(option).ok_or_else(|| format!("unknown field `{option}`"))?;
        let range = if is_burst { BURST } else { PER_S };
        if !range.contains(&value) {
            let (least, most) = range.into_inner();
            return Err(format!("limits.{option} = {value}: give {least} to {most}"));
        }
        let rate = self.of(limit);
        self.set(
            limit,
            if is_burst {
                rate.with_burst(value)
            } else {
                rate.with_per_second(value)
            },
        );
        Ok(())
    }
}

/// `NAME_per_s` and `NAME_burst`.
fn parse(option: &str) -> Option<(Limit, bool)> {
    let (name, is_burst) = match option.strip_suffix("_burst") {
        Some(name) => (name, true),
        None => (option.strip_suffix("_per_s")?, false),
    };
    let limit = Limit::ALL.into_iter().find(|limit| limit.name() == name)?;
    Some((limit, is_burst))
}

impl Default for Rates {
    fn default() -> Self {
        Self(Limit::ALL.map(Limit::default_rate))
    }
}

impl<'de> Deserialize<'de> for Rates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Options)
    }
}

impl JsonSchema for Rates {
    fn schema_name() -> Cow<'static, str> {
        "Rates".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let options = Limit::ALL.into_iter().flat_map(|limit| {
            let (name, rate) = (limit.name(), limit.default_rate());
            let per_s = json!({
                "type": "integer", "default": 1_000_000 / rate.period_us(),
                "description": format!("Requests a second: {}.", limit.meaning()),
            });
            let burst = json!({
                "type": "integer", "default": rate.quota() - 1,
                "description": "How many more at once.",
            });
            [
                (format!("{name}_per_s"), per_s),
                (format!("{name}_burst"), burst),
            ]
        });
        let options: serde_json::Map<_, _> = options.collect();
        json_schema!({ "type": "object", "properties": options })
    }
}

struct Options;

impl<'de> Visitor<'de> for Options {
    type Value = Rates;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("limits by their names")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Rates, M::Error> {
        let mut rates = Rates::default();
        while let Some(option) = map.next_key::<String>()? {
            if parse(&option).is_none() {
                return Err(M::Error::custom(format!("unknown field `{option}`")));
            }
            let named = |error: M::Error| M::Error::custom(format!("limits.{option}: {error}"));
            let value = map.next_value().map_err(named)?;
            rates.change(&option, value).map_err(M::Error::custom)?;
        }
        Ok(rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_a_limits_name_with_its_unit() {
        for limit in Limit::ALL {
            let mut rates = Rates::default();
            rates
                .change(&format!("{}_per_s", limit.name()), 500)
                .unwrap();
            rates.change(&format!("{}_burst", limit.name()), 0).unwrap();
            assert_eq!(rates.of(limit), Rate::per_second(500, 0));
            for other in Limit::ALL.into_iter().filter(|other| *other != limit) {
                assert_eq!(rates.of(other), other.default_rate());
            }
        }
    }

    #[test]
    fn what_is_no_option_or_out_of_bounds_is_refused() {
        for (option, value) in [
            ("card", 1),
            ("card_per_m", 1),
            ("_per_s", 1),
            ("cards_per_s", 1),
            ("card_per_s", 0),
            ("card_per_s", 1_000_001),
            ("card_burst", 1_000_001),
        ] {
            assert!(
                Rates::default().change(option, value).is_err(),
                "{option} {value}"
            );
        }
    }
}
