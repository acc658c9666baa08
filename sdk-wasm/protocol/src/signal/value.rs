//! Values of signals, bounded by the registry.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeSeed, de::Error as _};

use super::name::{Kind, SignalName};
use crate::{
    object::object,
    printable::{is_printable, printable},
};

/// The value of a signal.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SignalValue {
    /// A whole number.
    Int(i32),
    /// Of the signal `key_timing`.
    KeyTiming(KeyTiming),
    /// Of the signal `paste_counts`.
    PasteCounts(PasteCounts),
    /// Of the signal `screen`.
    Screen(Screen),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

/// Size and depth of the screen, in CSS pixels and bits.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
    /// Width without what the system keeps for itself.
    pub avail_width: u16,
    /// Height without what the system keeps for itself.
    pub avail_height: u16,
    /// Bits per pixel.
    pub color_depth: u8,
}

/// Rhythm of the typing, in whole milliseconds. Which keys were pressed is not recorded.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyTiming {
    /// Median time that a key was held.
    pub dwell_ms_median: u16,
    /// Median time from the release of a key to the next press.
    pub flight_ms_median: u16,
    /// How many keys were pressed.
    pub keys: u16,
}

/// How often each field was filled by a paste.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PasteCounts {
    /// Card number.
    pub number: u16,
    /// Expiry.
    pub expiry: u16,
    /// CVC.
    pub cvc: u16,
    /// Cardholder's name.
    pub name: u16,
    /// Postal code.
    pub postal_code: u16,
}

impl SignalValue {
    /// The value as the registry bounds it for `name`: numbers clamped, texts cut and made
    /// printable ASCII. `None` when it is of another type.
    pub(super) fn bounded(self, name: SignalName) -> Option<Self> {
        Some(match (name.kind(), self) {
            (Kind::Int { min, max }, Self::Int(value)) => Self::Int(value.clamp(min, max)),
            (Kind::Text(chars), Self::Text(text)) => Self::Text(printable(&text, chars)),
            (Kind::Texts { entries, chars }, Self::Texts(texts)) => Self::Texts(
                texts
                    .iter()
                    .take(entries)
                    .map(|text| printable(text, chars))
                    .collect(),
            ),
            (Kind::KeyTiming, value @ Self::KeyTiming(_))
            | (Kind::PasteCounts, value @ Self::PasteCounts(_))
            | (Kind::Screen, value @ Self::Screen(_)) => value,
            _ => return None,
        })
    }
}

/// Reads the value of a signal, strictly as the registry describes it.
impl<'de> DeserializeSeed<'de> for SignalName {
    type Value = SignalValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<SignalValue, D::Error> {
        let value = match self.kind() {
            Kind::Int { .. } => SignalValue::Int(i32::deserialize(deserializer)?),
            Kind::KeyTiming => SignalValue::KeyTiming(object(deserializer)?),
            Kind::PasteCounts => SignalValue::PasteCounts(object(deserializer)?),
            Kind::Screen => SignalValue::Screen(object(deserializer)?),
            Kind::Text(_) => SignalValue::Text(String::deserialize(deserializer)?),
            Kind::Texts { .. } => SignalValue::Texts(Vec::deserialize(deserializer)?),
        };
        let in_bounds = match (self.kind(), &value) {
            (Kind::Int { min, max }, SignalValue::Int(value)) => (min..=max).contains(value),
            (Kind::Text(chars), SignalValue::Text(text)) => is_printable(text, chars),
            (Kind::Texts { entries, chars }, SignalValue::Texts(texts)) => {
                texts.len() <= entries && texts.iter().all(|text| is_printable(text, chars))
            }
            _ => true,
        };
        if in_bounds {
            Ok(value)
        } else {
            Err(D::Error::custom("out of bounds"))
        }
    }
}
