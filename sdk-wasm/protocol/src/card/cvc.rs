//! The card verification code.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

use super::{brand::Brand, digits::fold_digits};
use crate::ErrorCode;

/// A card verification code: three digits, four of American Express.
///
/// Wiped from memory when dropped; neither `Display` nor `Clone`.
pub struct Cvc(Zeroizing<String>);

/// The text is no CVC of the brand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CvcError;

impl Cvc {
    /// Reads the CVC of a card of `brand`.
    ///
    /// # Errors
    /// [`CvcError`] when it is not exactly as many digits as the brand's codes have.
    pub fn parse(text: &str, brand: Brand) -> Result<Self, CvcError> {
        let digits = fold_digits(text);
        let fits = digits.len() == usize::from(brand.spec().cvc_length);
        if fits && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(CvcError)
        }
    }

    /// Reads back a CVC that was kept apart from its card: three or four ASCII digits.
    ///
    /// # Errors
    /// [`CvcError`] for anything else.
    pub fn parse_kept(text: &str) -> Result<Self, CvcError> {
        let is_cvc = matches!(text.len(), 3 | 4) && text.bytes().all(|c| c.is_ascii_digit());
        is_cvc
            .then(|| Self(Zeroizing::new(text.into())))
            .ok_or(CvcError)
    }

    // EXPOSE: the code itself, for the plaintext of an envelope and for one authorisation.
    /// All digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cvc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cvc(redacted)")
    }
}

impl CvcError {
    /// The public code.
    pub fn code(self) -> ErrorCode {
        ErrorCode::CvcInvalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::assert_wiped;

    #[test]
    fn length_follows_the_brand() {
        assert_eq!(Cvc::parse("123", Brand::Visa).unwrap().digits(), "123");
        assert_eq!(Cvc::parse(" ٠١٢ ", Brand::Visa).unwrap().digits(), "012");
        assert_eq!(Cvc::parse("0000", Brand::Amex).unwrap().digits(), "0000");
        for (text, brand) in [
            ("1234", Brand::Visa),
            ("123", Brand::Amex),
            ("", Brand::Visa),
            ("12", Brand::Visa),
            ("12a", Brand::Visa),
            ("é1", Brand::Visa),
        ] {
            assert_eq!(Cvc::parse(text, brand).unwrap_err(), CvcError, "{text}");
        }
    }

    #[test]
    fn a_kept_code_is_read_back_whatever_its_brand() {
        for text in ["012", "0123"] {
            assert_eq!(Cvc::parse_kept(text).unwrap().digits(), text);
        }
        for text in ["", "12", "12345", "12a", " 12", "é1"] {
            assert_eq!(Cvc::parse_kept(text).unwrap_err(), CvcError, "{text}");
        }
    }

    #[test]
    fn debug_tells_nothing_and_memory_is_wiped() {
        let cvc = Cvc::parse("737", Brand::Visa).unwrap();
        assert_eq!(format!("{cvc:?}"), "Cvc(redacted)");
        assert_wiped(&cvc.0);
    }
}
