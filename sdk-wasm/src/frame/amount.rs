//! Amounts in minor units as decimal text.

use alloc::string::{String, ToString};

/// `amount` minor units of a currency with `exponent` decimal digits, as decimal text that
/// `Intl.NumberFormat` reads exactly.
pub fn decimal(amount: u64, exponent: u8) -> String {
    let mut digits = amount.to_string();
    let exponent = usize::from(exponent);
    if exponent == 0 {
        return digits;
    }
    while digits.len() <= exponent {
        digits.insert(0, '0');
    }
    digits.insert(digits.len() - exponent, '.');
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_stand_behind_the_point() {
        for (amount, exponent, text) in [
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (123_456, 2, "1234.56"),
            (500, 0, "500"),
            (1, 3, "0.001"),
            (u64::MAX, 2, "184467440737095516.15"),
        ] {
            assert_eq!(decimal(amount, exponent), text);
        }
    }
}
