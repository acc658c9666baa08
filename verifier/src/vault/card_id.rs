//! Ids of cards, as callers name them.

/// Characters behind a prefix: a ULID.
const ULID_LEN: usize = 26;

/// What has the form of a card's id: nothing else, such as a card number, gets into the audit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardId(String);

impl CardId {
    /// `card_live_…` or `card_test_…`; nothing else is one.
    pub fn parse(text: String) -> Option<Self> {
        let ulid = text
            .strip_prefix("card_live_")
            .or_else(|| text.strip_prefix("card_test_"))?;
        let is_ulid = ulid.len() == ULID_LEN
            && ulid
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
        is_ulid.then_some(Self(text))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_cards_are() {
        let parse = |text: &str| CardId::parse(text.to_owned());
        assert!(parse("card_test_01m8q4t1p0zzzzzzzzzzzzzzzz").is_some());
        for other in [
            "",
            "4242424242424242",
            "card_test_",
            "card_test_4242424242424242",
            "card_none_01m8q4t1p0zzzzzzzzzzzzzzzz",
            "card_test_01M8Q4T1P0ZZZZZZZZZZZZZZZZ",
            "cs_test_01m8q4t1p0zzzzzzzzzzzzzzzz",
        ] {
            assert!(parse(other).is_none(), "{other}");
        }
    }
}
