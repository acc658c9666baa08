//! Whom an alert is about.

use serde::Serialize;
use utoipa::ToSchema;

use super::{FromValue, ToValue, Value};

/// What kind of thing an alert is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A network address, named by its keyed digest.
    Address,
    /// The verifier as a whole.
    All,
    /// A certificate or revocation list, named by its SHA-256.
    Certificate,
    /// A merchant's server.
    Client,
    /// A key.
    Key,
    /// A listener, by name.
    Listener,
    /// A merchant, through all its clients.
    Merchant,
    /// An operator.
    Operator,
    /// Somebody who signs in.
    User,
}

impl SubjectKind {
    const NAMES: [(Self, &'static str); 9] = [
        (Self::Address, "address"),
        (Self::All, "all"),
        (Self::Certificate, "certificate"),
        (Self::Client, "client"),
        (Self::Key, "key"),
        (Self::Listener, "listener"),
        (Self::Merchant, "merchant"),
        (Self::Operator, "operator"),
        (Self::User, "user"),
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(kind, _)| *kind == self);
        named.map_or("", |(_, name)| name)
    }
}

impl ToValue for SubjectKind {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromValue for SubjectKind {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let Value::Text(text) = value else {
            return None;
        };
        let named = Self::NAMES.iter().find(|(_, name)| *name == text);
        named.map(|(kind, _)| *kind)
    }
}

/// Whom an alert is about: never an address, a name or a token.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
pub struct Subject {
    /// What kind of thing it is.
    pub kind: SubjectKind,
    /// Its id, or a digest in hexadecimal; empty for the verifier as a whole.
    pub id: String,
}

impl Subject {
    /// The subject of that kind and id.
    pub fn new(kind: SubjectKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }

    /// The one that an id of ours names by its prefix: a client, an operator or somebody who signs in. A program that
    /// people sign in with is none: many do.
    pub fn of_caller(id: &str) -> Option<Self> {
        let kind = match id.split_once('_')?.0 {
            "cli" => SubjectKind::Client,
            "opr" => SubjectKind::Operator,
            "usr" => SubjectKind::User,
            _ => return None,
        };
        let is_id = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_id.then(|| Self::new(kind, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_ours_name_a_caller() {
        let kind = |id: &str| Subject::of_caller(id).map(|subject| subject.kind);
        assert_eq!(kind("cli_test_01abc"), Some(SubjectKind::Client));
        assert_eq!(kind("opr_01abc"), Some(SubjectKind::Operator));
        assert_eq!(kind("usr_01abc"), Some(SubjectKind::User));
        for other in [
            "",
            "app_01abc",
            "cli",
            "ann",
            "mch_test_1",
            "cli_a b",
            "usr_ä",
            "opr_<script>",
        ] {
            assert_eq!(kind(other), None, "{other}");
        }
        assert_eq!(kind(&format!("cli_{}", "a".repeat(61))), None);
    }

    #[test]
    fn names_round_trip() {
        for (kind, name) in SubjectKind::NAMES {
            assert_eq!(SubjectKind::from_value(Value::Text(name)), Some(kind));
            assert_eq!(kind.as_str(), name);
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
    }
}
