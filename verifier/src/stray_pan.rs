//! Card numbers where none belongs: in a text that is kept and shown as it was given.

use waxseal_protocol::card::{Pan, digit_value};

/// Fewest digits that are taken for a number: shorter ones are order numbers far more often.
const LEAST: usize = 13;
/// What cards are printed with; a first group of another length is no card's.
const FIRST_GROUP: usize = 4;

/// Whether a PAN stands in `text`, by itself or between other characters: digits of any script, together or in
/// groups with a space or a dash between. A number in a further encoding is a text like any other.
pub(crate) fn holds_pan(text: &str) -> bool {
    let is_part = |char: char| digit_value(char).is_some() || char == ' ' || char == '-';
    text.split(|char| !is_part(char)).any(is_pan)
}

fn is_pan(run: &str) -> bool {
    let groups = run.split([' ', '-']).filter(|group| !group.is_empty());
    let lengths: Vec<_> = groups.map(|group| group.chars().count()).collect();
    let is_printed = match lengths[..] {
        [] | [_] => true,
        [first, ..] => first == FIRST_GROUP,
    };
    is_printed
        && lengths.iter().sum::<usize>() >= LEAST
        && Pan::parse(run.trim_matches([' ', '-'])).is_ok_and(|pan| pan.is_luhn_valid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cards_are_seen_and_other_numbers_are_not() {
        for pan in [
            "4242424242424242",
            "order 4242 4242 4242 4242",
            "a:4242-4242-4242-4242.",
            "378282246310005",
            "3782 822463 10005",
            "４２４２４２４２４２４２４２４２",
        ] {
            assert!(holds_pan(pan), "{pan}");
        }
        for other in [
            "",
            "order-1",
            "4242424242424241",
            "1795000000000",
            "order-123456789012-4",
            "424242424242",
            "a4242b424242424242",
            "20261124-4242424242-42",
        ] {
            assert!(!holds_pan(other), "{other}");
        }
    }
}
