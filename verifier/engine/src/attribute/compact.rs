//! Attributes as stored decisions keep them: there is one set for each submission.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::SerializeSeq,
};

use super::{Attribute, Attributes, value::ValueOf};

/// Attributes as one flat array of what is known: before each value stands how far its number is from the one before,
/// `[1,"198.51.100.7",1,"DE",98,"411111"]`. A third shorter than pairs. Numbers that this build does not know are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Compact<T>(pub T);

impl Serialize for Compact<&Attributes> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(attributes) = self;
        let mut array = serializer.serialize_seq(None)?;
        let mut last = 0;
        let mut of_later_builds = attributes.of_later_builds.iter().peekable();
        for (attribute, value) in attributes.known() {
            let number = attribute.number();
            while let Some((later, value)) = of_later_builds.next_if(|(later, _)| **later < number)
            {
                array.serialize_element(&(later - last))?;
                array.serialize_element(value)?;
                last = *later;
            }
            array.serialize_element(&(number - last))?;
            array.serialize_element(value)?;
            last = number;
        }
        for (later, value) in of_later_builds {
            array.serialize_element(&(later - last))?;
            array.serialize_element(value)?;
            last = *later;
        }
        array.end()
    }
}

impl<'de> Deserialize<'de> for Compact<Attributes> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Flat).map(Self)
    }
}

struct Flat;

impl<'de> Visitor<'de> for Flat {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flat array of distances between attributes' numbers, and values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Attributes, A::Error> {
        let mut attributes = Attributes::default();
        let mut number: u16 = 0;
        while let Some(distance) = array.next_element::<u16>()? {
            let next = number.checked_add(distance).filter(|next| *next > number);
            number = next.ok_or_else(|| A::Error::custom("numbers do not ascend"))?;
            let missing = || A::Error::custom("an attribute without a value");
            match Attribute::of_number(number) {
                Some(attribute) => {
                    let value = array.next_element_seed(ValueOf(attribute.kind()))?;
                    attributes.set(attribute, value.ok_or_else(missing)?);
                }
                None => {
                    let value = array.next_element()?.ok_or_else(missing)?;
                    attributes.of_later_builds.insert(number, value);
                }
            }
        }
        Ok(attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attribute::Decimal, country::CountryCode};

    const PINNED: &str = r#"[1,"198.51.100.7",1,"DE",98,"411111",50,{"new":[1]},50,1250,2,"USD",498,-125000,50,true,64785,"last"]"#;

    fn attributes() -> Attributes {
        let mut attributes = Attributes::default();
        attributes.set(
            Attribute::IpAddress,
            std::net::IpAddr::from([198, 51, 100, 7]),
        );
        attributes.set(Attribute::IpCountry, CountryCode::parse("DE").ok());
        attributes.set(Attribute::CardBin, "411111");
        attributes.set(Attribute::SessionAmountMinor, 1250_i64);
        attributes.set(Attribute::SessionCurrency, "USD");
        attributes.set(Attribute::ModelScore, Decimal::parse("-0.125"));
        attributes.set(Attribute::SdkBuildKnown, true);
        let new = serde_json::json!({ "new": [1] });
        attributes.of_later_builds.insert(150, new);
        attributes.of_later_builds.insert(u16::MAX, "last".into());
        attributes
    }

    #[test]
    fn snapshots_are_read_for_ever() {
        let Compact(read) = serde_json::from_str::<Compact<Attributes>>(PINNED).unwrap();
        assert_eq!(read, attributes());
        assert_eq!(serde_json::to_string(&Compact(&read)).unwrap(), PINNED);
        let empty = serde_json::to_string(&Compact(&Attributes::default())).unwrap();
        assert_eq!(empty, "[]");
    }

    #[test]
    fn what_is_no_snapshot_is_refused() {
        for json in [
            "{}",
            "null",
            "[1]",
            r#"[0,"198.51.100.7"]"#,
            r#"[1,"198.51.100.7",0,"DE"]"#,
            r#"[1,"198.51.100"]"#,
            r#"[2,"XX"]"#,
            "[200,1.5]",
            "[200,null]",
            "[750,1]",
            r#"["ip.address","198.51.100.7"]"#,
            "[65535,1,1,1]",
            "[70000,1]",
            "[-1,1]",
        ] {
            assert!(
                serde_json::from_str::<Compact<Attributes>>(json).is_err(),
                "{json}"
            );
        }
    }
}
