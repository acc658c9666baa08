//! The signals of one submission.

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};

use super::{
    name::SignalName,
    reading::{Reading, ReadingOf, Written},
    value::SignalValue,
};

/// The signals of one submission, at most one reading each.
///
/// Names that the registry does not know are dropped and counted, so that SDK and verifier may be of
/// different versions during an upgrade. Everything else is strict.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Signals {
    /// In the order of the names: so few that a map would only cost the browser bytes.
    readings: Vec<(SignalName, Reading)>,
    unknown: u32,
}

impl Signals {
    /// No signals.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reading, with its value cut to the bounds of the registry. False, and nothing added,
    /// when the value is not of the signal's type.
    pub fn insert(&mut self, name: SignalName, reading: Reading) -> bool {
        let bounded = reading.bounded(name);
        bounded.map(|reading| self.put(name, reading)).is_some()
    }

    /// The reading of a signal.
    pub fn reading(&self, name: SignalName) -> Option<&Reading> {
        self.iter()
            .find(|(other, _)| *other == name)
            .map(|(_, reading)| reading)
    }

    /// The value of a signal, if it was measured.
    pub fn value(&self, name: SignalName) -> Option<&SignalValue> {
        self.reading(name)?.value()
    }

    /// The number of a signal that is one, such as [`super::Kind::Bits`].
    pub fn int(&self, name: SignalName) -> Option<i32> {
        match self.value(name)? {
            SignalValue::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The numbers of a signal that is a list of them.
    pub fn ints(&self, name: SignalName) -> Option<&[i32]> {
        match self.value(name)? {
            SignalValue::Ints(values) => Some(values),
            _ => None,
        }
    }

    /// The text of a signal that is one, such as [`super::Kind::Digits`].
    pub fn text(&self, name: SignalName) -> Option<&str> {
        match self.value(name)? {
            SignalValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a signal that is a list of them.
    pub fn texts(&self, name: SignalName) -> Option<&[String]> {
        match self.value(name)? {
            SignalValue::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    /// All readings, by name.
    pub fn iter(&self) -> impl Iterator<Item = (SignalName, &Reading)> {
        self.readings.iter().map(|(name, reading)| (*name, reading))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.readings.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// How many signals with unknown names were dropped when this was read.
    pub fn unknown(&self) -> u32 {
        self.unknown
    }

    /// Takes a signal out. True if it was there.
    pub fn remove(&mut self, name: SignalName) -> bool {
        let len = self.len();
        self.readings.retain(|(other, _)| *other != name);
        self.len() < len
    }

    /// Puts a reading in its place; true if it took the place of another.
    fn put(&mut self, name: SignalName, reading: Reading) -> bool {
        let replaced = self.remove(name);
        let at = self.readings.iter().position(|(other, _)| *other > name);
        self.readings
            .insert(at.unwrap_or(self.len()), (name, reading));
        replaced
    }
}

/// Values describe a person's device: a log gets the count only.
impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Signals({} readings, {} unknown)",
            self.readings.len(),
            self.unknown
        )
    }
}

impl Serialize for Signals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if cfg!(waxseal_without_signals) {
            return serializer.serialize_map(Some(0))?.end();
        }
        let readings = self.iter();
        serializer
            .collect_map(readings.map(|(name, reading)| (name.as_str(), Written(name, reading))))
    }
}

impl<'de> Deserialize<'de> for Signals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SignalsVisitor)
    }
}

struct SignalsVisitor;

impl<'de> Visitor<'de> for SignalsVisitor {
    type Value = Signals;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("signals by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Signals, A::Error> {
        let mut signals = Signals::default();
        while let Some(key) = map.next_key::<String>()? {
            let Some(name) = SignalName::parse(&key) else {
                map.next_value::<IgnoredAny>()?;
                signals.unknown += 1;
                continue;
            };
            let reading = map.next_value_seed(ReadingOf(name))?;
            if signals.put(name, reading) {
                return Err(A::Error::custom("a signal stands twice"));
            }
        }
        Ok(signals)
    }
}
