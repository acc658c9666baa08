//! What entries of a list are, and how each kind is written.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{risk::country::CountryCode, store::RowId, stray::holds_stray};

const MAX_TEXT: usize = 128;
const MAX_WORD: usize = 63;

/// What the entries of a list are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// Networks in CIDR notation, or single addresses.
    Address,
    /// Ids of cards: one for each number of a merchant.
    Card,
    /// ISO 3166-1 alpha-2 codes.
    Country,
    /// Ids of customers.
    Customer,
    /// Digests of email addresses: 64 hexadecimal digits.
    Email,
    /// Texts that are compared as they are.
    Text,
}

impl ListKind {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Address, "address"),
        (Self::Card, "card"),
        (Self::Country, "country"),
        (Self::Customer, "customer"),
        (Self::Email, "email"),
        (Self::Text, "text"),
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(kind, _)| *kind == self);
        named.map_or("", |(_, name)| name)
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let named = Self::NAMES.iter().find(|(_, known)| *known == name);
        named.map(|(kind, _)| *kind)
    }

    /// `value` as it is kept and compared; `None` for what is none of the kind.
    pub fn canonical(self, value: &str) -> Option<String> {
        match self {
            Self::Address => network(value).map(|network| network.to_string()),
            Self::Card => RowId::parse("card", value).map(|id| id.text("card")),
            Self::Country => CountryCode::parse(value).ok().map(|code| code.to_string()),
            Self::Customer => RowId::parse("cus", value).map(|id| id.text("cus")),
            Self::Email => {
                let fits = value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
                fits.then(|| value.to_ascii_lowercase())
            }
            Self::Text => {
                let fits = (1..=MAX_TEXT).contains(&value.len())
                    && !value.chars().any(char::is_control)
                    && !holds_stray(value);
                fits.then(|| value.to_owned())
            }
        }
    }
}

/// Of everybody's address nobody wants a list.
pub(super) fn network(value: &str) -> Option<IpNet> {
    let network = value
        .parse::<IpNet>()
        .ok()
        .or_else(|| Some(value.parse::<IpAddr>().ok()?.to_canonical().into()))?;
    (network.prefix_len() > 0).then(|| network.trunc())
}

/// Whether `text` may name a list, or a reason: a small letter, then at most 62 small letters, digits or underscores.
pub fn is_word(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= MAX_WORD
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_part)
        && !holds_stray(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_in_one_form_and_others_are_refused() {
        let card = "card_test_01m8q4t1p0zzzzzzzzzzzzzzzz";
        let digest = "AB".repeat(32);
        for (kind, given, kept) in [
            (ListKind::Address, "192.0.2.77/24", Some("192.0.2.0/24")),
            (ListKind::Address, "192.0.2.7", Some("192.0.2.7/32")),
            (ListKind::Address, "::ffff:192.0.2.7", Some("192.0.2.7/32")),
            (ListKind::Address, "2001:db8::/32", Some("2001:db8::/32")),
            (ListKind::Address, "0.0.0.0/0", None),
            (ListKind::Address, "::/0", None),
            (ListKind::Address, "192.0.2.0/33", None),
            (ListKind::Address, "localhost", None),
            (ListKind::Card, card, Some(card)),
            (ListKind::Card, "4242424242424242", None),
            (ListKind::Country, "DE", Some("DE")),
            (ListKind::Country, "XX", None),
            (ListKind::Customer, card, None),
            (ListKind::Email, &digest, Some(&digest.to_ascii_lowercase())),
            (ListKind::Email, "ann@example.com", None),
            (ListKind::Text, "a b", Some("a b")),
            (ListKind::Text, "4242 4242 4242 4242", None),
            (ListKind::Text, "a\nb", None),
            (ListKind::Text, "", None),
        ] {
            assert_eq!(kind.canonical(given).as_deref(), kept, "{given}");
        }
        for (kind, name) in ListKind::NAMES {
            assert_eq!(ListKind::parse(name), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
    }

    #[test]
    fn a_word_is_short_and_no_number() {
        assert!(is_word("stolen_card_2") && is_word(&"a".repeat(63)));
        for other in [
            "",
            "2a",
            "A",
            "a-b",
            "a b",
            "a_4242424242424242",
            &"a".repeat(64),
        ] {
            assert!(!is_word(other), "{other}");
        }
    }
}
