//! What crosses into a statement and out of a row, on either engine: the four kinds that both have.

use super::{StoreError, key_state::KeyState};
use crate::{clock::Timestamp, mode::Mode};

/// A parameter or a column.
#[derive(Clone, Copy, Debug)]
pub enum Value<'v> {
    /// BLOB or BYTEA.
    Bytes(&'v [u8]),
    /// INTEGER or BIGINT.
    Integer(i64),
    /// NULL.
    Null,
    /// TEXT.
    Text(&'v str),
}

/// Values for the parameters `?1`, `?2` … of a statement.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        &[$($crate::store::ToValue::to_value(&$value)),*]
    };
}

/// What can be a parameter.
pub trait ToValue {
    /// As it lies in a column.
    fn to_value(&self) -> Value<'_>;
}

/// What can be read from a column.
pub trait FromValue: Sized {
    /// `None` when the column holds something else.
    fn from_value(value: Value<'_>) -> Option<Self>;
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl FromValue for String {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl FromValue for i64 {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }
}

impl ToValue for u32 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer((*self).into())
    }
}

impl FromValue for u32 {
    fn from_value(value: Value<'_>) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl ToValue for u64 {
    fn to_value(&self) -> Value<'_> {
        // Amounts have twelve digits at most, and nothing is counted that far.
        Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl FromValue for u64 {
    fn from_value(value: Value<'_>) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(self.millis())
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Value<'_>) -> Option<Self> {
        i64::from_value(value).map(Self::from_millis)
    }
}

impl ToValue for Mode {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromValue for Mode {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(name) => Self::parse(name),
            _ => None,
        }
    }
}

impl ToValue for KeyState {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromValue for KeyState {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(name) => Self::parse(name),
            _ => None,
        }
    }
}

/// Columns of a row, in the order in which the statement names them.
pub trait Columns {
    /// The column at `index`; `None` where there is none, or of a kind that no table has.
    fn column(&self, index: usize) -> Option<Value<'_>>;
}

/// A row.
pub struct Row<'r>(pub(super) &'r dyn Columns);

impl Row<'_> {
    /// The column at `index` as it is.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when there is none.
    pub fn column(&self, index: usize) -> Result<Value<'_>, StoreError> {
        let value = self.0.column(index);
        value.ok_or(StoreError::Damaged("a column"))
    }

    /// The column at `index`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when it holds something else.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, StoreError> {
        let value = self.0.column(index).and_then(T::from_value);
        value.ok_or(StoreError::Damaged("a column"))
    }
}
