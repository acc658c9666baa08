//! One measurement of one signal.

use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};

use super::{name::SignalName, value::SignalValue};

/// What came of measuring a signal, and how long that took.
///
/// On the wire, in short: `[12, …]` for a value that took 12 microseconds, `{"s":3}` for one that was
/// skipped after 3; the letters are `e` for an error, `m` masked, `s` skipped, `u` unstable. Signals of
/// the first release have its longer form: `{"value": …, "us": 12}`, `{"status": "skipped", "us": 3}`.
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
    /// The browser protects its user by masking it ([`super::PrivacyMode`]): there is nothing to learn
    /// from it, and nothing against anybody.
    Masked,
    /// The browser lacks it, it is not measured here on purpose, or was not measured in time.
    Skipped,
    /// It came out differently when measured twice.
    Unstable,
    /// It was measured.
    Value(SignalValue),
}

/// As [`Outcome`], without the value.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Error,
    Masked,
    Skipped,
    Unstable,
}

/// The longest duration that the short form has room for, ten seconds.
const LONGEST_US: u32 = 9_999_999;

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

    /// The reading with value and duration as the registry bounds them; `None` for a value of another
    /// type.
    pub(super) fn bounded(self, name: SignalName) -> Option<Self> {
        let outcome = match self.outcome {
            Outcome::Value(value) => Outcome::Value(value.bounded(name)?),
            other => other,
        };
        let longest_us = if name.is_compact() {
            LONGEST_US
        } else {
            u32::MAX
        };
        Some(Self {
            outcome,
            duration_us: self.duration_us.min(longest_us),
        })
    }
}

/// A reading of a signal as it is written.
pub(super) struct Written<'a>(pub(super) SignalName, pub(super) &'a Reading);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(
            name,
            Reading {
                outcome,
                duration_us,
            },
        ) = *self;
        let status = match outcome {
            Outcome::Error => Status::Error,
            Outcome::Masked => Status::Masked,
            Outcome::Skipped => Status::Skipped,
            Outcome::Unstable => Status::Unstable,
            Outcome::Value(value) if name.is_compact() => {
                return (duration_us, value).serialize(serializer);
            }
            Outcome::Value(value) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("value", value)?;
                map.serialize_entry("us", duration_us)?;
                return map.end();
            }
        };
        let mut map = serializer.serialize_map(None)?;
        if name.is_compact() {
            map.serialize_entry(status.letter(), duration_us)?;
        } else {
            map.serialize_entry("status", &status)?;
            map.serialize_entry("us", duration_us)?;
        }
        map.end()
    }
}

impl Status {
    const fn letter(self) -> &'static str {
        match self {
            Self::Error => "e",
            Self::Masked => "m",
            Self::Skipped => "s",
            Self::Unstable => "u",
        }
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

/// The member of a short reading without a value.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Letter {
    #[serde(rename = "e")]
    Error,
    #[serde(rename = "m")]
    Masked,
    #[serde(rename = "s")]
    Skipped,
    #[serde(rename = "u")]
    Unstable,
}

impl<'de> DeserializeSeed<'de> for ReadingOf {
    type Value = Reading;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Reading, D::Error> {
        if self.0.is_compact() {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de> Visitor<'de> for ReadingOf {
    type Value = Reading;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reading")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Reading, A::Error> {
        let duration_us = seq.next_element()?;
        let value = seq.next_element_seed(self.0)?;
        let (Some(duration_us), Some(value)) = (duration_us, value) else {
            return Err(A::Error::missing_field("value"));
        };
        short(Outcome::Value(value), duration_us)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reading, A::Error> {
        if self.0.is_compact() {
            let (letter, duration_us) = map
                .next_entry::<Letter, u32>()?
                .ok_or_else(|| A::Error::missing_field("s"))?;
            if map.next_key::<Letter>()?.is_some() {
                return Err(A::Error::custom("two outcomes"));
            }
            return short(letter.into(), duration_us);
        }
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

fn short<E: serde::de::Error>(outcome: Outcome, duration_us: u32) -> Result<Reading, E> {
    if duration_us > LONGEST_US {
        return Err(E::custom("out of bounds"));
    }
    Ok(Reading {
        outcome,
        duration_us,
    })
}

impl From<Letter> for Outcome {
    fn from(letter: Letter) -> Self {
        match letter {
            Letter::Error => Self::Error,
            Letter::Masked => Self::Masked,
            Letter::Skipped => Self::Skipped,
            Letter::Unstable => Self::Unstable,
        }
    }
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        match status {
            Status::Error => Self::Error,
            Status::Masked => Self::Masked,
            Status::Skipped => Self::Skipped,
            Status::Unstable => Self::Unstable,
        }
    }
}
