//! The postal code of the billing address.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

use super::{
    MAX_DIGITS_IN_TEXT,
    digits::{count_digits, fold, is_dash, is_invisible, is_space},
};
use crate::ErrorCode;

/// A postal code: 1 to 16 characters (the bound of 3-D Secure), ASCII letters, digits, single
/// spaces and dashes, and not so many digits that it could hide a card number.
///
/// Wiped from memory when dropped.
pub struct PostalCode(Zeroizing<String>);

/// The text is no postal code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PostalCodeError;

impl PostalCode {
    /// The most characters a postal code may have.
    pub const MAX_CHARS: usize = 16;

    /// Reads a postal code; digits of any script and full-width spaces and dashes become ASCII,
    /// white space around it is dropped.
    ///
    /// # Errors
    /// [`PostalCodeError`] when it is empty, too long or has a character that no code has.
    pub fn parse(text: &str) -> Result<Self, PostalCodeError> {
        let mut code = Zeroizing::new(String::with_capacity(text.len()));
        for c in text.chars().filter(|&c| !is_invisible(c)) {
            match c {
                c if is_space(c) && (code.is_empty() || code.ends_with(' ')) => {}
                c if is_space(c) => code.push(' '),
                c if is_dash(c) => code.push('-'),
                c => code.push(fold(c)),
            }
        }
        if code.ends_with(' ') {
            code.pop();
        }
        let refused = code.is_empty()
            || code.len() > Self::MAX_CHARS
            || !code
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-'))
            || count_digits(&code) > MAX_DIGITS_IN_TEXT;
        if refused {
            Err(PostalCodeError)
        } else {
            Ok(Self(code))
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PostalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostalCode(redacted)")
    }
}

impl PostalCodeError {
    /// The public code.
    pub fn code(self) -> ErrorCode {
        ErrorCode::PostalCodeInvalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::assert_wiped;

    #[test]
    fn codes_of_many_countries_are_taken() {
        for (text, code) in [
            ("90210", "90210"),
            ("12345-6789", "12345-6789"),
            (" sw1a  1aa ", "sw1a 1aa"),
            ("１００－０００１", "100-0001"),
            ("K1A\u{a0}0B1", "K1A 0B1"),
            ("١١٥١١", "11511"),
        ] {
            assert_eq!(PostalCode::parse(text).unwrap().as_str(), code);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "  ",
            "90210;",
            "é",
            "12345678901234567",
            "a\0",
            "4111 11111111 11",
            "123456789012",
        ] {
            assert_eq!(
                PostalCode::parse(text).err(),
                Some(PostalCodeError),
                "{text:?}"
            );
        }
    }

    #[test]
    fn debug_tells_nothing_and_memory_is_wiped() {
        let code = PostalCode::parse("90210").unwrap();
        assert_eq!(format!("{code:?}"), "PostalCode(redacted)");
        assert_wiped(&code.0);
    }
}
