//! Named lists that rules look values up in, and what was found in them.

use serde::{Deserialize, Serialize};

use super::scalar::Scalar;

/// Where rules look values up. Answers from memory: an evaluation waits for nothing.
pub trait Lists {
    /// Looks `value` up in the list of that name (without the sign).
    fn find(&self, list: &str, value: Scalar<'_>) -> Found;
}

/// What a list says of a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Found {
    /// No entry holds it.
    Absent,
    /// This entry holds it: for an address the network as it was listed.
    Entry(Box<str>),
    /// There is no list of that name. The rule fails.
    NoList,
}

/// No lists at all.
pub struct NoLists;

impl Lists for NoLists {
    fn find(&self, _: &str, _: Scalar<'_>) -> Found {
        Found::NoList
    }
}

/// A look-up that found something: lists change, and a decision is replayed with what they said then.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(
    from = "(String, serde_json::Value, Option<String>)",
    into = "(String, serde_json::Value, Option<String>)"
)]
pub struct ListHit {
    /// Name of the list.
    pub list: String,
    /// The value, as a decision shows it.
    pub value: serde_json::Value,
    /// The entry; `None`: there was no such list.
    pub entry: Option<String>,
}

impl From<(String, serde_json::Value, Option<String>)> for ListHit {
    fn from((list, value, entry): (String, serde_json::Value, Option<String>)) -> Self {
        Self { list, value, entry }
    }
}

impl From<ListHit> for (String, serde_json::Value, Option<String>) {
    fn from(ListHit { list, value, entry }: ListHit) -> Self {
        (list, value, entry)
    }
}

/// Lists as an evaluation found them.
pub struct RecordedLists<'a>(pub &'a [ListHit]);

impl Lists for RecordedLists<'_> {
    fn find(&self, list: &str, value: Scalar<'_>) -> Found {
        let mut of_list = self.0.iter().filter(|hit| hit.list == list).peekable();
        if of_list.peek().is_none() {
            return Found::Absent;
        }
        let value = value.to_json();
        match of_list.find(|hit| hit.value == value) {
            None => Found::Absent,
            Some(ListHit { entry: None, .. }) => Found::NoList,
            Some(ListHit {
                entry: Some(entry), ..
            }) => Found::Entry(entry.as_str().into()),
        }
    }
}
