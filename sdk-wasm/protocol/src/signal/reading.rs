//! One measurement of one signal.

use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error as _, MapAccess, Visitor},
    ser::SerializeMap,
};

use super::{name::SignalName, value::SignalValue};

/// What came of measuring a signal, and how long that took.
///
/// On the wire: `{"value": …, "us": 12}`, or `{"status": "skipped", "us": 3}`, where `us` is the
/// duration in microseconds. A value has no status of its own, to leave room for more signals.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reading {
    outcome: Outcome,
    duration_us: u32,
}

/// What came of measuring a signal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It threw.
    Error,
    /// The browser lacks it, or it is not measured here on purpose.
    Skipped,
    /// It came out differently when measured twice.
    Unstable,
    /// It was measured.
    Value(SignalValue),
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Error,
    Skipped,
    Unstable,
}

impl Reading {
    /// A measurement.
    pub fn new(outcome: Outcome, duration_us: u32) -> Self {
        Self {
            outcome,
            duration_us,
        }
    }

    /// What came of it.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&SignalValue> {
        match &self.outcome {
            Outcome::Value(value) => Some(value),
            _ => None,
        }
    }

    /// How long it took, in microseconds.
    pub fn duration_us(&self) -> u32 {
        self.duration_us
    }

    /// The reading with its value as the registry bounds it; `None` for a value of another type.
    pub(super) fn bounded(self, name: SignalName) -> Option<Self> {
        let outcome = match self.outcome {
            Outcome::Value(value) => Outcome::Value(value.bounded(name)?),
            other => other,
        };
        Some(Self { outcome, ..self })
    }
}

impl Serialize for Reading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match &self.outcome {
            Outcome::Error => map.serialize_entry("status", &Status::Error)?,
            Outcome::Skipped => map.serialize_entry("status", &Status::Skipped)?,
            Outcome::Unstable => map.serialize_entry("status", &Status::Unstable)?,
            Outcome::Value(value) => map.serialize_entry("value", value)?,
        }
        map.serialize_entry("us", &self.duration_us)?;
        map.end()
    }
}

/// Reads the reading of a given signal.
pub(super) struct ReadingOf(pub(super) SignalName);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Member {
    Status,
    Us,
    Value,
}

impl<'de> DeserializeSeed<'de> for ReadingOf {
    type Value = Reading;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Reading, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ReadingOf {
    type Value = Reading;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reading")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reading, A::Error> {
        let mut outcome = None;
        let mut duration_us = None;
        while let Some(member) = map.next_key()? {
            let is_second = match member {
                Member::Status => outcome
                    .replace(map.next_value::<Status>()?.into())
                    .is_some(),
                Member::Us => duration_us.replace(map.next_value()?).is_some(),
                Member::Value => outcome
                    .replace(Outcome::Value(map.next_value_seed(self.0)?))
                    .is_some(),
            };
            if is_second {
                return Err(A::Error::custom("two outcomes or durations"));
            }
        }
        let outcome = outcome.ok_or_else(|| A::Error::missing_field("value"))?;
        let duration_us = duration_us.ok_or_else(|| A::Error::missing_field("us"))?;
        Ok(Reading {
            outcome,
            duration_us,
        })
    }
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        match status {
            Status::Error => Self::Error,
            Status::Skipped => Self::Skipped,
            Status::Unstable => Self::Unstable,
        }
    }
}
