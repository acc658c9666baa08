//! Values of signals, bounded by the registry.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeSeed, de::Error as _};

use super::{Kind, SignalName};
use crate::{
    object::object,
    printable::{is_plain, is_printable, plain},
};

/// The value of a signal.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SignalValue {
    /// A whole number.
    Int(i32),
    /// A list of whole numbers.
    Ints(Vec<i32>),
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
    /// The value as the registry bounds it for `name`: numbers clamped, texts cut and made printable
    /// ASCII without quotes and backslashes, lists shortened. `None` when it is of another type.
    pub(super) fn bounded(self, name: SignalName) -> Option<Self> {
        let kind = name.kind();
        let (min, max) = kind.bounds();
        let (entries, chars) = kind.lengths();
        Some(match (kind, self) {
            (Kind::Bits(_) | Kind::Int { .. }, Self::Int(value)) => {
                Self::Int(value.clamp(min, max))
            }
            (Kind::Ints { .. }, Self::Ints(values)) => Self::Ints(
                values
                    .iter()
                    .take(entries)
                    .map(|value| (*value).clamp(min, max))
                    .collect(),
            ),
            (Kind::Digits(_), Self::Text(text)) => Self::Text(
                text.chars()
                    .take(chars)
                    .map(|c| if c.is_ascii_digit() { c } else { '0' })
                    .collect(),
            ),
            (Kind::Plain(_) | Kind::Text(_), Self::Text(text)) => Self::Text(plain(&text, chars)),
            (Kind::Plains { .. } | Kind::Texts { .. }, Self::Texts(texts)) => Self::Texts(
                texts
                    .iter()
                    .take(entries)
                    .map(|text| plain(text, chars))
                    .collect(),
            ),
            (Kind::KeyTiming, value @ Self::KeyTiming(_))
            | (Kind::PasteCounts, value @ Self::PasteCounts(_))
            | (Kind::Screen, value @ Self::Screen(_)) => value,
            _ => return None,
        })
    }

    /// Whether a value of the right type is within the registry's bounds.
    fn is_bounded(&self, kind: Kind) -> bool {
        let (min, max) = kind.bounds();
        let (entries, chars) = kind.lengths();
        match self {
            Self::Int(value) => (min..=max).contains(value),
            Self::Ints(values) => {
                values.len() <= entries && values.iter().all(|value| (min..=max).contains(value))
            }
            Self::Text(text) => is_text(kind, text, chars),
            Self::Texts(texts) => {
                texts.len() <= entries && texts.iter().all(|text| is_text(kind, text, chars))
            }
            Self::KeyTiming(_) | Self::PasteCounts(_) | Self::Screen(_) => true,
        }
    }
}

fn is_text(kind: Kind, text: &str, chars: usize) -> bool {
    match kind {
        Kind::Digits(_) => text.len() <= chars && text.bytes().all(|c| c.is_ascii_digit()),
        Kind::Plain(_) | Kind::Plains { .. } => is_plain(text, chars),
        // Quotes too: builds of the first release sent them.
        _ => is_printable(text, chars),
    }
}

/// Reads the value of a signal, strictly as the registry describes it.
impl<'de> DeserializeSeed<'de> for SignalName {
    type Value = SignalValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<SignalValue, D::Error> {
        let value = match self.kind() {
            Kind::Bits(_) | Kind::Int { .. } => SignalValue::Int(i32::deserialize(deserializer)?),
            Kind::Ints { .. } => SignalValue::Ints(Vec::deserialize(deserializer)?),
            Kind::KeyTiming => SignalValue::KeyTiming(object(deserializer)?),
            Kind::PasteCounts => SignalValue::PasteCounts(object(deserializer)?),
            Kind::Screen => SignalValue::Screen(object(deserializer)?),
            Kind::Digits(_) | Kind::Plain(_) | Kind::Text(_) => {
                SignalValue::Text(String::deserialize(deserializer)?)
            }
            Kind::Plains { .. } | Kind::Texts { .. } => {
                SignalValue::Texts(Vec::deserialize(deserializer)?)
            }
        };
        if value.is_bounded(self.kind()) {
            Ok(value)
        } else {
            Err(D::Error::custom("out of bounds"))
        }
    }
}
