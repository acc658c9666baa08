//! Amounts, in integer minor units of one currency.

use std::{fmt, iter::Sum};

use serde::{Deserialize, Serialize};

/// The only currency this shop takes (ISO 4217).
pub const CURRENCY: &str = "USD";

/// US cents. Sums and products saturate: the largest basket is far below the limit of the type.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Cents(u64);

impl Cents {
    /// Nothing to pay.
    pub const ZERO: Self = Self(0);

    /// `minor` cents.
    pub const fn new(minor: u64) -> Self {
        Self(minor)
    }

    /// The number of cents.
    pub const fn minor(self) -> u64 {
        self.0
    }

    /// This much, `count` times.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// This and `other`.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Cents {
    /// `$1,234.05`: integers only, so that no cent is ever rounded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = (self.0 / 100).to_string();
        f.write_str("$")?;
        for (index, digit) in dollars.chars().enumerate() {
            if index > 0 && (dollars.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{:02}", self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_to_the_cent() {
        for (minor, shown) in [
            (0, "$0.00"),
            (5, "$0.05"),
            (99_999, "$999.99"),
            (100_000, "$1,000.00"),
            (500_001, "$5,000.01"),
            (123_456_789_012, "$1,234,567,890.12"),
        ] {
            assert_eq!(Cents::new(minor).to_string(), shown);
        }
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Cents::new(u64::MAX).times(2), Cents::new(u64::MAX));
        assert_eq!(
            Cents::new(u64::MAX).plus(Cents::new(1)),
            Cents::new(u64::MAX)
        );
        assert_eq!(
            [Cents::new(250), Cents::new(199)]
                .into_iter()
                .sum::<Cents>()
                .minor(),
            449
        );
    }
}
