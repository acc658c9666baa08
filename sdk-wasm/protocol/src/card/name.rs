//! The cardholder's name.

use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use zeroize::Zeroizing;

use super::{
    MAX_DIGITS_IN_TEXT,
    digits::{count_digits, is_direction_override},
};
use crate::ErrorCode;

/// A cardholder's name in any script, trimmed: 1 to 64 characters, no control characters, and not
/// so many digits that it could hide a card number.
///
/// Wiped from memory when dropped.
pub struct CardholderName(Zeroizing<String>);

/// The text is no name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NameError;

impl CardholderName {
    /// The most characters a name may have. EMV cards carry 26, 3-D Secure takes 45; other scripts
    /// and double names are longer.
    pub const MAX_CHARS: usize = 64;

    /// Reads a name; white space around it is dropped.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, too long or has a character that no name has.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.trim();
        let refused = name.is_empty()
            || name.chars().count() > Self::MAX_CHARS
            || name
                .chars()
                .any(|c| c.is_control() || is_break(c) || is_direction_override(c))
            || count_digits(name) > MAX_DIGITS_IN_TEXT;
        if refused {
            Err(NameError)
        } else {
            Ok(Self(Zeroizing::new(name.to_owned())))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CardholderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardholderName(redacted)")
    }
}

impl NameError {
    /// The public code.
    pub fn code(self) -> ErrorCode {
        ErrorCode::NameInvalid
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::assert_wiped;

    #[test]
    fn names_of_any_script_are_taken() {
        for text in [
            "Ana",
            "Jean-Luc O’Brien Jr.",
            "王小明",
            "محمد",
            "Nguyễn Thị",
            "X Æ A-12",
            "Ł",
        ] {
            assert_eq!(CardholderName::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(
            CardholderName::parse("\u{a0} Ana \n").unwrap().as_str(),
            "Ana"
        );
        assert!(CardholderName::parse(&"é".repeat(64)).is_ok());
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "é".repeat(65);
        for text in [
            "",
            "   ",
            "a\0b",
            "a\nb",
            "a\u{202e}b",
            "a\u{2028}b",
            "a\u{85}b",
            &long,
        ] {
            assert_eq!(
                CardholderName::parse(text).err(),
                Some(NameError),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_card_number_in_the_wrong_field_is_refused() {
        for text in [
            "4111 1111 1111 1111",
            "Ana 676770000006",
            "٤١١١١١١١١١١١١١١١",
        ] {
            assert_eq!(
                CardholderName::parse(text).err(),
                Some(NameError),
                "{text:?}"
            );
        }
        assert!(CardholderName::parse("Agent 00712345678").is_ok());
    }

    #[test]
    fn debug_tells_nothing_and_memory_is_wiped() {
        let name = CardholderName::parse("Ana").unwrap();
        assert_eq!(format!("{name:?}"), "CardholderName(redacted)");
        assert_wiped(&name.0);
    }
}
