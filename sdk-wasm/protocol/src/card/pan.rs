//! The primary account number.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

use super::{
    PAN_MAX_LEN, PAN_MIN_LEN,
    brand::Brand,
    digits::fold_digits,
    iin::{Candidate, detect},
    luhn::is_luhn_valid,
};
use crate::ErrorCode;

/// A complete PAN (ISO/IEC 7812-1): 12 to 19 digits of a known brand, with a valid check digit
/// unless the brand issues numbers without one.
///
/// Wiped from memory when dropped; neither `Display` nor `Clone`.
pub struct Pan {
    digits: Zeroizing<String>,
    brand: Brand,
}

/// Why a text is no PAN.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PanError {
    /// No known brand has numbers that begin so.
    BrandUnknown,
    /// Digits are missing.
    Incomplete,
    /// Too many digits, a wrong check digit, or something that is no digit.
    Invalid,
}

impl Pan {
    /// Reads a PAN as a person or autofill writes it: digits of any script, spaces, dashes.
    ///
    /// Where the ranges of several brands match, the longest match that takes this many digits
    /// wins, so that an overlap never refuses a valid card.
    ///
    /// # Errors
    /// [`PanError`], which says what is wrong and nothing of the number.
    pub fn parse(text: &str) -> Result<Self, PanError> {
        let digits = fold_digits(text);
        if digits.len() > PAN_MAX_LEN || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(PanError::Invalid);
        }
        let candidates = detect(&digits);
        let luhn = is_luhn_valid(&digits);
        let brand = candidates
            .iter()
            .map(|candidate| candidate.brand)
            .find(|brand| {
                let spec = brand.spec();
                spec.takes_length(digits.len()) && (luhn || !spec.luhn_required)
            });
        match brand {
            Some(brand) => Ok(Self { digits, brand }),
            None => Err(explain(&candidates, digits.len())),
        }
    }

    // EXPOSE: the number itself, for the plaintext of an envelope and for the vault.
    /// All digits.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The brand.
    pub fn brand(&self) -> Brand {
        self.brand
    }

    /// Whether the card may be charged over `network` (a co-branded card has several).
    pub fn belongs_to(&self, network: Brand) -> bool {
        let spec = network.spec();
        detect(&self.digits)
            .iter()
            .any(|candidate| candidate.brand == network)
            && spec.takes_length(self.digits.len())
            && (!spec.luhn_required || self.is_luhn_valid())
    }

    /// The last four digits: what may be shown to anyone.
    pub fn last4(&self) -> &str {
        self.digits.get(self.digits.len() - 4..).unwrap_or_default()
    }

    /// The issuer identification number: the first eight digits, six of a PAN that is shorter than
    /// 16 digits (the most that PCI DSS lets stand beside the last four).
    pub fn iin(&self) -> &str {
        let len = if self.digits.len() < 16 { 6 } else { 8 };
        self.digits.get(..len).unwrap_or_default()
    }

    /// Whether the last digit is a Luhn check digit. Always so, but for some `UnionPay` cards.
    pub fn is_luhn_valid(&self) -> bool {
        is_luhn_valid(&self.digits)
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pan(redacted)")
    }
}

impl PanError {
    /// The public code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::BrandUnknown => ErrorCode::CardBrandUnknown,
            Self::Incomplete => ErrorCode::CardNumberIncomplete,
            Self::Invalid => ErrorCode::CardNumberInvalid,
        }
    }
}

fn explain(candidates: &[Candidate], len: usize) -> PanError {
    let Some(best) = candidates.first() else {
        return PanError::BrandUnknown;
    };
    let takes = candidates
        .iter()
        .any(|candidate| candidate.brand.spec().takes_length(len));
    let grows = candidates
        .iter()
        .any(|candidate| candidate.brand.spec().max_length() > len);
    // A short number with a wrong check digit is more likely unfinished than mistyped.
    let unfinished = len < usize::from(best.brand.spec().usual_length);
    if len < PAN_MIN_LEN || (grows && (unfinished || !takes)) {
        PanError::Incomplete
    } else {
        PanError::Invalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::assert_wiped;

    fn brand(digits: &str) -> Result<Brand, PanError> {
        Pan::parse(digits).map(|pan| pan.brand())
    }

    /// `prefix`, zeros up to `len` digits, and the check digit.
    fn number(prefix: &str, len: usize) -> String {
        let body = format!("{prefix:0<width$}", width = len - 1);
        (0..10)
            .map(|check| format!("{body}{check}"))
            .find(|number| is_luhn_valid(number))
            .unwrap()
    }

    #[test]
    fn every_brand_takes_all_its_lengths() {
        for (prefix, expected) in [
            ("34", Brand::Amex),
            ("36", Brand::Diners),
            ("6011", Brand::Discover),
            ("636368", Brand::Elo),
            ("637612", Brand::Hipercard),
            ("3589", Brand::Jcb),
            ("6759", Brand::Maestro),
            ("5018", Brand::Maestro),
            ("55", Brand::Mastercard),
            ("2720", Brand::Mastercard),
            ("2200", Brand::Mir),
            ("608001", Brand::Rupay),
            ("62", Brand::Unionpay),
            ("4", Brand::Visa),
        ] {
            for &len in expected.spec().lengths {
                let number = number(prefix, usize::from(len));
                assert_eq!(brand(&number), Ok(expected), "{number}");
            }
        }
    }

    #[test]
    fn a_19_digit_6011_card_is_accepted() {
        let pan = Pan::parse(&number("6011", 19)).unwrap();
        assert_eq!((pan.brand(), pan.digits().len()), (Brand::Discover, 19));
    }

    #[test]
    fn another_brand_takes_the_length_that_the_longest_match_refuses() {
        assert_eq!(brand(&number("401178", 16)), Ok(Brand::Elo));
        assert_eq!(brand(&number("401178", 19)), Ok(Brand::Visa));
        assert_eq!(brand(&number("508500", 16)), Ok(Brand::Rupay));
        assert_eq!(brand(&number("508500", 18)), Ok(Brand::Maestro));
        assert_eq!(brand(&number("606282", 16)), Ok(Brand::Hipercard));
        assert_eq!(brand(&number("606282", 17)), Ok(Brand::Maestro));
        assert_eq!(brand(&number("652150", 19)), Ok(Brand::Discover));
        assert_eq!(brand(&number("384100", 14)), Ok(Brand::Diners));
    }

    #[test]
    fn only_unionpay_may_lack_the_check_digit() {
        let pan = Pan::parse("6221260000000001").unwrap();
        assert_eq!((pan.brand(), pan.is_luhn_valid()), (Brand::Unionpay, false));
        assert!(!pan.belongs_to(Brand::Discover));
        for prefix in [
            "34", "36", "6011", "636368", "637612", "3589", "6759", "55", "2200", "4",
        ] {
            let len = Brand::spec(best(prefix)).usual_length;
            let mut wrong = number(prefix, usize::from(len));
            let check = wrong.pop().unwrap();
            wrong.push(if check == '9' {
                '0'
            } else {
                char::from(check as u8 + 1)
            });
            assert_eq!(brand(&wrong), Err(PanError::Invalid), "{wrong}");
        }
    }

    #[test]
    fn errors_say_what_is_missing() {
        for (text, error) in [
            ("", PanError::Incomplete),
            ("4", PanError::Incomplete),
            ("4111 1111 1111", PanError::Incomplete),
            ("411111111111111", PanError::Incomplete),
            ("37828224631000", PanError::Incomplete),
            ("4111 1111 1111 1112", PanError::Invalid),
            ("3782 822463 10006", PanError::Invalid),
            ("55555555555544441", PanError::Invalid),
            ("4111111111111111x", PanError::Invalid),
            ("41111111111111111111", PanError::Invalid),
            ("4111/1111/1111/1111", PanError::Invalid),
            ("9999 9999 9999 9995", PanError::BrandUnknown),
            ("1", PanError::BrandUnknown),
        ] {
            assert_eq!(brand(text), Err(error), "{text}");
        }
    }

    #[test]
    fn typed_forms_are_read() {
        for text in [
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "\u{200e}4111\u{a0}1111\u{a0}1111\u{a0}1111 ",
            "４１１１ １１１１ １１１１ １１１１",
            "٤١١١ ١١١١ ١١١١ ١١١١",
        ] {
            assert_eq!(
                Pan::parse(text).unwrap().digits(),
                "4111111111111111",
                "{text}"
            );
        }
    }

    #[test]
    fn parts_are_those_that_may_be_shown() {
        let visa = Pan::parse("4242424242424242").unwrap();
        assert_eq!((visa.iin(), visa.last4()), ("42424242", "4242"));
        let amex = Pan::parse("378282246310005").unwrap();
        assert_eq!((amex.iin(), amex.last4()), ("378282", "0005"));
    }

    #[test]
    fn a_co_branded_card_belongs_to_each_network() {
        let pan = Pan::parse(&number("622126", 16)).unwrap();
        assert!(pan.belongs_to(Brand::Unionpay) && pan.belongs_to(Brand::Discover));
        assert!(!pan.belongs_to(Brand::Visa));
        let pan = Pan::parse(&number("401178", 19)).unwrap();
        assert!(pan.belongs_to(Brand::Visa) && !pan.belongs_to(Brand::Elo));
    }

    #[test]
    fn debug_tells_nothing_and_memory_is_wiped() {
        let pan = Pan::parse("4242424242424242").unwrap();
        assert_eq!(format!("{pan:?} {pan:#?}"), "Pan(redacted) Pan(redacted)");
        assert_wiped(&pan.digits);
    }

    fn best(prefix: &str) -> Brand {
        detect(prefix)[0].brand
    }
}
