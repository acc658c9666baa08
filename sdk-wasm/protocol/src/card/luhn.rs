//! The check digit of ISO/IEC 7812-1, annex B ("Luhn formula").

/// Whether the last digit of `digits` is the check digit of the others.
///
/// False for an empty text and for anything but ASCII digits.
//
// ISO/IEC 7812-1, annex B:
//   1. double every second digit, beginning with the one left of the check digit
//   2. add the digits of the products and the digits that were not doubled
//   3. with the check digit the sum is a multiple of ten
pub fn is_luhn_valid(digits: &str) -> bool {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| weigh(place, u32::from(digit - b'0')))
        .sum();
    sum.is_multiple_of(10)
}

fn weigh(place: usize, digit: u32) -> u32 {
    let doubled = if place % 2 == 1 { digit * 2 } else { digit };
    doubled / 10 + doubled % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_standard_holds() {
        assert!(is_luhn_valid("49927398716"));
        assert!(!is_luhn_valid("49927398717"));
    }

    #[test]
    fn only_digits_are_taken() {
        for text in ["", "0 0", "٤", "-0", "4111 1111 1111 1111"] {
            assert!(!is_luhn_valid(text), "{text:?}");
        }
    }

    #[test]
    fn every_single_digit_error_is_found() {
        let number = "6011000990139424";
        for place in 0..number.len() {
            let valid = (b'0'..=b'9')
                .filter(|&digit| {
                    let mut changed = number.as_bytes().to_vec();
                    changed[place] = digit;
                    is_luhn_valid(core::str::from_utf8(&changed).unwrap())
                })
                .count();
            assert_eq!(valid, 1, "place {place}");
        }
    }
}
