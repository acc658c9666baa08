//! What an attribute may hold.

use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeSeed};
use serde_json::json;

use super::Decimal;
use crate::country::CountryCode;

/// What kind of value an attribute holds, once it is known.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// An IPv4 or IPv6 address.
    Address,
    /// True or false.
    Boolean,
    /// An ISO 3166-1 alpha-2 code.
    Country,
    /// A number, exact to a millionth.
    Decimal,
    /// A whole number of 64 bits.
    Integer,
    /// At most [`Value::MAX_TEXT_LEN`] bytes.
    Text,
}

impl Type {
    /// Its name in messages and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Boolean => "boolean",
            Self::Country => "country",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::Text => "text",
        }
    }
}

/// What a number counts. Numbers of different units are never compared or added.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Thousandths of a second: `250ms`, `5m`.
    Milliseconds,
    /// Minor units of the session's own currency: plain numbers.
    Minor,
    /// Nothing, or things that are counted: plain numbers.
    None,
    /// Seconds: `30s`, `1h`, `7d`.
    Seconds,
    /// Millionths of a US dollar: `5000.00 USD`.
    UsdMicros,
}

impl Unit {
    /// Its name in messages and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Minor => "minor units",
            Self::None => "",
            Self::Seconds => "s",
            Self::UsdMicros => "USD/1,000,000",
        }
    }
}

/// One attribute's value.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Value {
    /// Nobody could tell.
    #[default]
    Unknown,
    /// Of [`Type::Address`].
    Address(IpAddr),
    /// Of [`Type::Boolean`].
    Boolean(bool),
    /// Of [`Type::Country`].
    Country(CountryCode),
    /// Of [`Type::Decimal`].
    Decimal(Decimal),
    /// Of [`Type::Integer`].
    Integer(i64),
    /// Of [`Type::Text`].
    Text(Box<str>),
}

impl Value {
    /// Bytes that a text has at most. A longer one is unknown: cut off, it would equal another.
    pub const MAX_TEXT_LEN: usize = 256;

    /// Its type; `None` when it is unknown.
    pub const fn kind(&self) -> Option<Type> {
        Some(match self {
            Self::Unknown => return None,
            Self::Address(_) => Type::Address,
            Self::Boolean(_) => Type::Boolean,
            Self::Country(_) => Type::Country,
            Self::Decimal(_) => Type::Decimal,
            Self::Integer(_) => Type::Integer,
            Self::Text(_) => Type::Text,
        })
    }

    /// As a decision shows it: a string, a number, true or false; `null` when it is unknown.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Unknown => serde_json::Value::Null,
            Self::Address(address) => json!(address),
            Self::Boolean(boolean) => json!(boolean),
            Self::Country(country) => json!(country),
            Self::Decimal(decimal) => json!(decimal.to_f64()),
            Self::Integer(integer) => json!(integer),
            Self::Text(text) => json!(text),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        match text.len() <= Self::MAX_TEXT_LEN {
            true => Self::Text(text.into()),
            false => Self::Unknown,
        }
    }
}

impl From<CountryCode> for Value {
    fn from(country: CountryCode) -> Self {
        Self::Country(country)
    }
}

impl From<Decimal> for Value {
    fn from(decimal: Decimal) -> Self {
        Self::Decimal(decimal)
    }
}

impl From<IpAddr> for Value {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Into::into)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl From<f64> for Value {
    /// Rounded to a millionth; unknown when it is not a number.
    fn from(number: f64) -> Self {
        Decimal::from_f64(number).into()
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<u32> for Value {
    fn from(integer: u32) -> Self {
        Self::Integer(integer.into())
    }
}

impl From<u64> for Value {
    /// The greatest one where it is beyond that.
    fn from(integer: u64) -> Self {
        Self::Integer(i64::try_from(integer).unwrap_or(i64::MAX))
    }
}

impl Serialize for Value {
    /// As a snapshot has it. Read again by [`ValueOf`], which needs to know the type.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_none(),
            Self::Address(address) => address.serialize(serializer),
            Self::Boolean(boolean) => boolean.serialize(serializer),
            Self::Country(country) => country.serialize(serializer),
            Self::Decimal(decimal) => decimal.serialize(serializer),
            Self::Integer(integer) => integer.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
        }
    }
}

/// Reads a known value of a type.
pub(super) struct ValueOf(pub(super) Type);

impl<'de> DeserializeSeed<'de> for ValueOf {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        Ok(match self.0 {
            Type::Address => Value::Address(IpAddr::deserialize(from)?),
            Type::Boolean => Value::Boolean(bool::deserialize(from)?),
            Type::Country => Value::Country(CountryCode::deserialize(from)?),
            Type::Decimal => Value::Decimal(Decimal::deserialize(from)?),
            Type::Integer => Value::Integer(i64::deserialize(from)?),
            Type::Text => String::deserialize(from)?.into(),
        })
    }
}
