//! Values while a rule runs: copied, never allocated.

use std::net::IpAddr;

use crate::{
    attribute::{Decimal, Type, Value},
    country::CountryCode,
};

/// A known value that lies elsewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scalar<'a> {
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
    Text(&'a str),
}

impl<'a> Scalar<'a> {
    /// What `value` is; `None` when it is unknown.
    pub fn of(value: &'a Value) -> Option<Self> {
        Some(match value {
            Value::Unknown => return None,
            Value::Address(address) => Self::Address(*address),
            Value::Boolean(boolean) => Self::Boolean(*boolean),
            Value::Country(country) => Self::Country(*country),
            Value::Decimal(decimal) => Self::Decimal(*decimal),
            Value::Integer(integer) => Self::Integer(*integer),
            Value::Text(text) => Self::Text(text),
        })
    }

    /// Its type.
    pub const fn kind(self) -> Type {
        match self {
            Self::Address(_) => Type::Address,
            Self::Boolean(_) => Type::Boolean,
            Self::Country(_) => Type::Country,
            Self::Decimal(_) => Type::Decimal,
            Self::Integer(_) => Type::Integer,
            Self::Text(_) => Type::Text,
        }
    }

    /// As a decision shows it.
    pub fn to_json(self) -> serde_json::Value {
        self.to_value().to_json()
    }

    pub(super) fn to_value(self) -> Value {
        match self {
            Self::Address(address) => Value::Address(address),
            Self::Boolean(boolean) => Value::Boolean(boolean),
            Self::Country(country) => Value::Country(country),
            Self::Decimal(decimal) => Value::Decimal(decimal),
            Self::Integer(integer) => Value::Integer(integer),
            Self::Text(text) => Value::Text(text.into()),
        }
    }

    /// The number in millionths, whichever of the two kinds it has.
    pub(super) fn millionths(self) -> Option<i128> {
        match self {
            Self::Decimal(decimal) => Some(decimal.millionths().into()),
            Self::Integer(integer) => Some(i128::from(integer) * i128::from(Decimal::SCALE)),
            _ => None,
        }
    }
}
