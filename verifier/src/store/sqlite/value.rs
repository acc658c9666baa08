//! Values and rows in rusqlite's terms.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::super::value::{Columns, Value};

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Null => ValueRef::Null,
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl Columns for rusqlite::Row<'_> {
    fn column(&self, index: usize) -> Option<Value<'_>> {
        match self.get_ref(index).ok()? {
            ValueRef::Blob(bytes) => Some(Value::Bytes(bytes)),
            ValueRef::Integer(number) => Some(Value::Integer(number)),
            ValueRef::Null => Some(Value::Null),
            ValueRef::Real(_) => None,
            ValueRef::Text(text) => str::from_utf8(text).ok().map(Value::Text),
        }
    }
}
