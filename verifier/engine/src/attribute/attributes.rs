//! The attributes of one submission, as the rules read them and as its snapshot keeps them.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error, SeqAccess, Visitor},
};

use super::{Attribute, Value, value::ValueOf};

/// A value for every attribute of the table; what nobody set is unknown.
///
/// As JSON an array of `[number, value]` pairs of what is known, ascending by number. Numbers that this build does not
/// know are kept as they were read, and written again.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes {
    values: Vec<Value>,
    pub(super) of_later_builds: BTreeMap<u16, serde_json::Value>,
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            values: vec![Value::Unknown; Attribute::ALL.len()],
            of_later_builds: BTreeMap::new(),
        }
    }
}

impl Attributes {
    /// Sets a value. One of another type than the attribute's is a mistake of the caller, and is unknown.
    pub fn set(&mut self, attribute: Attribute, value: impl Into<Value>) {
        let value = value.into();
        let fits = value.kind().is_none_or(|kind| kind == attribute.kind());
        debug_assert!(
            fits,
            "{} is of another type than {value:?}",
            attribute.name()
        );
        self.values[attribute.index()] = if fits { value } else { Value::Unknown };
    }

    /// The value.
    pub fn get(&self, attribute: Attribute) -> &Value {
        &self.values[attribute.index()]
    }

    /// What is known, in the table's order.
    pub fn known(&self) -> impl Iterator<Item = (Attribute, &Value)> {
        let all = Attribute::ALL.iter().copied().zip(&self.values);
        all.filter(|(_, value)| **value != Value::Unknown)
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self
            .known()
            .map(|(attribute, value)| (attribute.number(), value));
        if self.of_later_builds.is_empty() {
            return serializer.collect_seq(known);
        }
        let of_later_builds = self.of_later_builds.iter();
        let mut pairs: Vec<_> = known
            .map(|(number, value)| (number, Pair::Known(value)))
            .collect();
        pairs.extend(of_later_builds.map(|(number, value)| (*number, Pair::OfLaterBuild(value))));
        pairs.sort_unstable_by_key(|(number, _)| *number);
        serializer.collect_seq(pairs)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Pair<'a> {
    Known(&'a Value),
    OfLaterBuild(&'a serde_json::Value),
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Pairs)
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of attributes' numbers and values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Attributes, A::Error> {
        let mut attributes = Attributes::default();
        while pairs.next_element_seed(One(&mut attributes))?.is_some() {}
        Ok(attributes)
    }
}

/// Reads one pair into the attributes.
struct One<'a>(&'a mut Attributes);

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_tuple(2, self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute's number and its value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<(), A::Error> {
        let Self(attributes) = self;
        let number: u16 = pair
            .next_element()?
            .ok_or_else(|| A::Error::invalid_length(0, &self_expected()))?;
        let missing = || A::Error::invalid_length(1, &self_expected());
        let is_first = match Attribute::of_number(number) {
            Some(attribute) => {
                let value = pair.next_element_seed(ValueOf(attribute.kind()))?;
                let place = &mut attributes.values[attribute.index()];
                std::mem::replace(place, value.ok_or_else(missing)?) == Value::Unknown
            }
            None => {
                let value = pair.next_element()?.ok_or_else(missing)?;
                attributes.of_later_builds.insert(number, value).is_none()
            }
        };
        match is_first {
            true => Ok(()),
            false => Err(A::Error::custom("an attribute stands there twice")),
        }
    }
}

fn self_expected() -> &'static str {
    "an attribute's number and its value"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attribute::Decimal, country::CountryCode};

    const PINNED: &str = r#"[[1,"198.51.100.7"],[2,"DE"],[100,"411111"],[202,"USD"],[200,1250],[750,true],[700,125000]]"#;

    fn attributes() -> Attributes {
        let mut attributes = Attributes::default();
        attributes.set(
            Attribute::IpAddress,
            Value::Address([198, 51, 100, 7].into()),
        );
        attributes.set(Attribute::IpCountry, CountryCode::parse("DE").ok());
        attributes.set(Attribute::CardBin, "411111");
        attributes.set(Attribute::SessionAmountMinor, 1250_i64);
        attributes.set(Attribute::SessionCurrency, "USD");
        attributes.set(Attribute::ModelScore, Decimal::parse("0.125"));
        attributes.set(Attribute::SdkBuildKnown, true);
        attributes
    }

    #[test]
    fn snapshots_are_read_for_ever() {
        let read: Attributes = serde_json::from_str(PINNED).unwrap();
        assert_eq!(read, attributes());
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(
            written,
            r#"[[1,"198.51.100.7"],[2,"DE"],[100,"411111"],[200,1250],[202,"USD"],[700,125000],[750,true]]"#
        );
    }

    #[test]
    fn what_a_later_build_wrote_is_kept() {
        let json = r#"[[2,"DE"],[150,{"new":[1]}],[200,1250],[65535,"last"]]"#;
        let read: Attributes = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        assert_eq!(
            *read.get(Attribute::SessionAmountMinor),
            Value::Integer(1250)
        );
    }

    #[test]
    fn what_is_no_snapshot_is_refused() {
        for json in [
            "{}",
            "null",
            "[1]",
            "[[1]]",
            r#"[[1,"198.51.100.7",0]]"#,
            r#"[["ip.address","198.51.100.7"]]"#,
            r#"[[1,"198.51.100"]]"#,
            r#"[[2,"XX"]]"#,
            r"[[200,1.5]]",
            r"[[200,9223372036854775808]]",
            r"[[200,null]]",
            r"[[750,1]]",
            r#"[[2,"DE"],[2,"DE"]]"#,
            r"[[150,1],[150,1]]",
            r"[[70000,1]]",
        ] {
            assert!(serde_json::from_str::<Attributes>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_unknown() {
        let mut attributes = Attributes::default();
        attributes.set(Attribute::SessionCurrency, "x".repeat(256));
        assert_eq!(attributes.known().count(), 1);
        attributes.set(Attribute::SessionCurrency, "x".repeat(257));
        assert_eq!(attributes.known().count(), 0);
    }
}
