//! The expiry date.

use core::fmt;

use super::digits::{digit_value, is_dash, is_invisible, is_space};
use crate::ErrorCode;

/// A card's expiry: it is valid through the last day of that month.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Expiry {
    month: u8,
    year: u16,
}

/// Why an expiry date is not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExpiryError {
    /// The month has passed.
    Expired,
    /// No date, or one further ahead than any card is issued for.
    Invalid,
}

/// How far ahead an expiry may lie. Cards are issued for ten years at most; beyond twice that it is
/// a typing error.
const MAX_YEARS_AHEAD: u16 = 20;

/// A four-digit year before this one is not a card's.
const FIRST_YEAR: u16 = 2000;
const LAST_YEAR: u16 = 2199;

impl Expiry {
    /// An expiry from a month (1 to 12) and a full year.
    ///
    /// # Errors
    /// [`ExpiryError::Invalid`] when there is no such month, or the year is not of this century or
    /// the next.
    pub fn new(month: u8, year: u16) -> Result<Self, ExpiryError> {
        let exists = (1..=12).contains(&month) && (FIRST_YEAR..=LAST_YEAR).contains(&year);
        exists
            .then_some(Self { month, year })
            .ok_or(ExpiryError::Invalid)
    }

    /// Reads an expiry as a person or autofill writes it: `MM/YY`, `M/YY`, `MM / YY`, `MM/YYYY`,
    /// `MMYY`, `MMYYYY`, `YYYY-MM`; with spaces of any width, `-` or `.` for the slash, and digits
    /// of any script.
    ///
    /// # Errors
    /// [`ExpiryError::Invalid`] for any other form.
    pub fn parse(text: &str) -> Result<Self, ExpiryError> {
        let written = Written::read(text).ok_or(ExpiryError::Invalid)?;
        let (month, year) = written.month_and_year().ok_or(ExpiryError::Invalid)?;
        let month = u8::try_from(month).map_err(|_| ExpiryError::Invalid)?;
        Self::new(month, year)
    }

    /// Month, 1 to 12.
    pub fn month(&self) -> u8 {
        self.month
    }

    /// Year, four digits.
    pub fn year(&self) -> u16 {
        self.year
    }

    /// Whether the card's last month is before the given one.
    pub fn is_expired(&self, now_year: u16, now_month: u8) -> bool {
        (self.year, self.month) < (now_year, now_month)
    }

    /// Whether the expiry lies further ahead than any card is issued for: more than 20 years.
    pub fn is_too_far(&self, now_year: u16, now_month: u8) -> bool {
        (self.year, self.month) > (now_year.saturating_add(MAX_YEARS_AHEAD), now_month)
    }

    /// Whether a card with this expiry can be used in the given month.
    ///
    /// # Errors
    /// [`ExpiryError::Expired`], or [`ExpiryError::Invalid`] when it is too far ahead.
    pub fn check(&self, now_year: u16, now_month: u8) -> Result<(), ExpiryError> {
        if self.is_expired(now_year, now_month) {
            return Err(ExpiryError::Expired);
        }
        if self.is_too_far(now_year, now_month) {
            return Err(ExpiryError::Invalid);
        }
        Ok(())
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expiry(redacted)")
    }
}

impl ExpiryError {
    /// The public code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Expired => ErrorCode::CardExpired,
            Self::Invalid => ErrorCode::ExpiryInvalid,
        }
    }
}

/// What stands left and right of the slash, if there is one.
#[derive(Default)]
struct Written {
    left: Number,
    right: Option<Number>,
}

#[derive(Clone, Copy, Default)]
struct Number {
    value: u32,
    digits: u8,
}

/// Digits in the longest form, `MMYYYY`.
const MAX_DIGITS: u8 = 6;

impl Written {
    fn read(text: &str) -> Option<Self> {
        let mut written = Self::default();
        for c in text.chars() {
            if let Some(value) = digit_value(c) {
                written
                    .right
                    .as_mut()
                    .unwrap_or(&mut written.left)
                    .push(value)?;
            } else if is_slash(c) {
                if written.right.is_some() {
                    return None;
                }
                written.right = Some(Number::default());
            } else if !is_space(c) && !is_invisible(c) {
                return None;
            }
        }
        Some(written)
    }

    fn month_and_year(&self) -> Option<(u32, u16)> {
        let left = self.left;
        let (month, year) = match self.right {
            Some(right) => match (left.digits, right.digits) {
                (1 | 2, 2 | 4) => (left.value, right),
                (4, 1 | 2) => (right.value, left),
                _ => return None,
            },
            None => match left.digits {
                4 => (
                    left.value / 100,
                    Number {
                        value: left.value % 100,
                        digits: 2,
                    },
                ),
                6 => (
                    left.value / 10_000,
                    Number {
                        value: left.value % 10_000,
                        digits: 4,
                    },
                ),
                _ => return None,
            },
        };
        let century = if year.digits == 2 {
            u32::from(FIRST_YEAR)
        } else {
            0
        };
        Some((month, u16::try_from(century + year.value).ok()?))
    }
}

impl Number {
    fn push(&mut self, digit: u8) -> Option<()> {
        if self.digits == MAX_DIGITS {
            return None;
        }
        self.digits += 1;
        self.value = self.value * 10 + u32::from(digit);
        Some(())
    }
}

fn is_slash(c: char) -> bool {
    matches!(
        c,
        '/' | '.' | '\u{2044}' | '\u{2215}' | '\u{ff0f}' | '\u{ff0e}'
    ) || is_dash(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_the_usual_forms_are_read() {
        for text in [
            "03/28",
            "3/28",
            "03 / 28",
            "03/2028",
            "3/2028",
            "0328",
            "032028",
            "03-28",
            "03.2028",
            "2028-03",
            "2028/3",
            " 03\u{a0}/\u{a0}28 ",
            "03\u{2009}/\u{2009}2028",
            "０３／２８",
            "٠٣/٢٨",
            "\u{200f}۰۳/۲۰۲۸",
            "०३/२८",
            "03 28",
            "03\u{2013}28",
        ] {
            let expiry = Expiry::parse(text).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!((expiry.month(), expiry.year()), (3, 2028), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "/",
            "3",
            "03",
            "03/",
            "/28",
            "03/2",
            "03/202",
            "328",
            "03/28/1",
            "13/28",
            "00/28",
            "03/1999",
            "03/2200",
            "03/02028",
            "0003/28",
            "03//28",
            "ab/cd",
            "03/2８x",
            "20280312",
            "99999999999999999999",
            "03/99999999999999999999",
            "½/28",
            "28/03/2028",
        ] {
            assert_eq!(
                Expiry::parse(text).err(),
                Some(ExpiryError::Invalid),
                "{text}"
            );
        }
    }

    #[test]
    fn a_card_is_valid_through_its_month() {
        let expiry = Expiry::new(3, 2028).unwrap();
        for (year, month, expired) in [
            (2027, 12, false),
            (2028, 2, false),
            (2028, 3, false),
            (2028, 4, true),
            (2029, 1, true),
        ] {
            assert_eq!(expiry.is_expired(year, month), expired, "{year}-{month}");
            let error = expired.then_some(ExpiryError::Expired);
            assert_eq!(expiry.check(year, month).err(), error);
        }
    }

    #[test]
    fn twenty_years_ahead_is_the_limit() {
        let expiry = Expiry::new(3, 2048).unwrap();
        assert_eq!(expiry.check(2028, 3), Ok(()));
        assert_eq!(expiry.check(2028, 2), Err(ExpiryError::Invalid));
        assert_eq!(expiry.check(u16::MAX, 1), Err(ExpiryError::Expired));
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(
            format!("{:?}", Expiry::new(3, 2028).unwrap()),
            "Expiry(redacted)"
        );
    }
}
