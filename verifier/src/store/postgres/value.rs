//! Values and rows in PostgreSQL's terms, and rows that outlive their query.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::super::{
    StoreError,
    value::{Columns, Value},
};

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Bytes(bytes) => bytes.to_sql(ty, out),
            Value::Integer(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Value::Integer(number) => number.to_sql(ty, out),
            Value::Null => Ok(IsNull::Yes),
            Value::Text(text) => text.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::BYTEA | Type::INT4 | Type::INT8 | Type::TEXT)
    }

    to_sql_checked!();
}

/// A value of its own.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Owned {
    Bytes(Vec<u8>),
    Integer(i64),
    Null,
    Text(String),
}

impl Owned {
    pub(super) const fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        }
    }

    pub(super) const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) const fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    pub(super) fn as_value(&self) -> Value<'_> {
        match self {
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Integer(number) => Value::Integer(*number),
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(text),
        }
    }
}

impl From<&Value<'_>> for Owned {
    fn from(value: &Value<'_>) -> Self {
        match value {
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Value::Integer(number) => Self::Integer(*number),
            Value::Null => Self::Null,
            Value::Text(text) => Self::Text((*text).to_owned()),
        }
    }
}

/// A row of its own.
pub(super) type OwnedRow = Vec<Owned>;

impl Columns for OwnedRow {
    fn column(&self, index: usize) -> Option<Value<'_>> {
        self.get(index).map(Owned::as_value)
    }
}

impl Columns for tokio_postgres::Row {
    fn column(&self, index: usize) -> Option<Value<'_>> {
        let value = match *self.columns().get(index)?.type_() {
            Type::BYTEA => self
                .try_get::<_, Option<&[u8]>>(index)
                .ok()?
                .map(Value::Bytes),
            Type::INT4 => {
                let number = self.try_get::<_, Option<i32>>(index).ok()?;
                number.map(|number| Value::Integer(number.into()))
            }
            Type::INT8 => self
                .try_get::<_, Option<i64>>(index)
                .ok()?
                .map(Value::Integer),
            Type::TEXT => self
                .try_get::<_, Option<&str>>(index)
                .ok()?
                .map(Value::Text),
            _ => return None,
        };
        Some(value.unwrap_or(Value::Null))
    }
}

/// The columns of `row` behind the first `skipped`.
pub(super) fn owned(row: &tokio_postgres::Row, skipped: usize) -> Result<OwnedRow, StoreError> {
    (skipped..row.len())
        .map(|index| row.column(index).as_ref().map(Owned::from))
        .collect::<Option<_>>()
        .ok_or(StoreError::Damaged("a column"))
}
