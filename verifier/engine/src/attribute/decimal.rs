//! Decimal numbers, exact to a millionth.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A decimal number in whole millionths: the same on every machine, ordered, and never "not a number". As JSON of a
/// snapshot the millionths.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(transparent)]
pub struct Decimal(i64);

impl Decimal {
    /// Millionths in 1.
    pub const SCALE: i64 = 1_000_000;

    /// That many millionths.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// How many millionths it is.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// The nearest one; the last one where `number` is beyond it, `None` where it is none.
    pub fn from_f64(number: f64) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
        #[expect(clippy::cast_precision_loss, reason = "a million is exact")]
        let millionths = (number * Self::SCALE as f64).round() as i64;
        (!number.is_nan()).then_some(Self(millionths))
    }

    /// The number, where a float will do.
    pub fn to_f64(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "said above")]
        let number = self.0 as f64 / Self::SCALE as f64;
        number
    }

    /// Takes digits with at most six after a point, and a sign before them.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) || fraction.len() > 6 {
            return None;
        }
        let whole: i128 = whole.parse().ok()?;
        let fraction: i128 = format!("{fraction:0<6}").parse().ok()?;
        let millionths = whole
            .checked_mul(i128::from(Self::SCALE))?
            .checked_add(fraction)?;
        let signed = if is_negative { -millionths } else { millionths };
        i64::try_from(signed).ok().map(Self)
    }
}

impl fmt::Display for Decimal {
    /// With a point and at least one digit after it; what [`Decimal::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let scale = Self::SCALE.unsigned_abs();
        let (whole, rest) = (self.0.unsigned_abs() / scale, self.0.unsigned_abs() % scale);
        let rest = format!("{rest:06}");
        let rest = match rest.trim_end_matches('0') {
            "" => "0",
            digits => digits,
        };
        write!(f, "{sign}{whole}.{rest}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_read_exactly_or_not_at_all() {
        for (text, millionths) in [
            ("0", Some(0)),
            ("0.25", Some(250_000)),
            ("-1.000001", Some(-1_000_001)),
            ("9223372036854.775807", Some(i64::MAX)),
            ("-9223372036854.775808", Some(i64::MIN)),
            ("9223372036854.775808", None),
            ("0.0000001", None),
            ("1.", None),
            (".5", None),
            ("--1", None),
            ("1e3", None),
            ("", None),
            ("١", None),
        ] {
            assert_eq!(
                Decimal::parse(text).map(Decimal::millionths),
                millionths,
                "{text}"
            );
        }
    }

    #[test]
    fn floats_are_rounded_and_never_wrap() {
        for (number, millionths) in [
            (0.1 + 0.2, Some(300_000)),
            (-0.000_000_6, Some(-1)),
            (f64::INFINITY, Some(i64::MAX)),
            (f64::NEG_INFINITY, Some(i64::MIN)),
            (f64::NAN, None),
        ] {
            assert_eq!(
                Decimal::from_f64(number).map(Decimal::millionths),
                millionths
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_as_the_same(millionths: i64) {
            let decimal = Decimal::from_millionths(millionths);
            prop_assert_eq!(Decimal::parse(&decimal.to_string()), Some(decimal));
        }
    }
}
