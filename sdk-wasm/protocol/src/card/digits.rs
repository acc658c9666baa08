//! Digits as people and autofill write them.

use alloc::string::String;

use zeroize::Zeroizing;

/// The digits of `text` in ASCII, without the separators that people put into card numbers: spaces
/// of every width (U+00A0 too), dashes, and the invisible marks that come with a paste from a
/// right-to-left page.
///
/// Any other character stays, so that a parser can refuse it.
pub fn fold_digits(text: &str) -> Zeroizing<String> {
    // Folding never makes a character longer, so the buffer never moves and leaves no copy behind.
    let mut folded = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars().filter(|&c| !is_separator(c)) {
        folded.push(fold(c));
    }
    folded
}

/// The value of a decimal digit (Unicode general category `Nd`) of any script in the Basic
/// Multilingual Plane: full-width, Arabic-Indic, Devanagari, Bengali and so on.
pub fn digit_value(c: char) -> Option<u8> {
    let code = u32::from(c);
    if let Some(ascii) = c.to_digit(10) {
        return u8::try_from(ascii).ok();
    }
    SCRIPT_ZEROS.iter().find_map(|&zero| {
        let value = code.checked_sub(u32::from(zero))?;
        u8::try_from(value).ok().filter(|value| *value < 10)
    })
}

/// `c` as an ASCII digit if it is a digit, else `c` itself.
pub(super) fn fold(c: char) -> char {
    digit_value(c).map_or(c, |value| char::from(b'0' + value))
}

/// How many digits of any script `text` has.
pub(super) fn count_digits(text: &str) -> usize {
    text.chars().filter(|&c| digit_value(c).is_some()).count()
}

/// Spaces, dashes and invisible formatting marks.
pub(super) fn is_separator(c: char) -> bool {
    is_space(c) || is_dash(c) || is_invisible(c)
}

/// A space of any width, or a line break or tab (a paste may carry one).
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
}

/// A hyphen, dash or minus sign.
pub(super) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// A character without a width: soft hyphen, zero-width space, direction marks, byte order mark.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    ) || is_direction_override(c)
}

/// Embeddings, overrides and isolates of the Unicode bidirectional algorithm.
pub(super) fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The code point of the digit zero of each script in the Basic Multilingual Plane (`Nd`, Unicode
/// 16); the other nine follow it.
const SCRIPT_ZEROS: [u16; 36] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_counts_from_zero_to_nine() {
        for zero in SCRIPT_ZEROS {
            for value in 0..10_u8 {
                let c = char::from_u32(u32::from(zero) + u32::from(value)).unwrap();
                assert_eq!(digit_value(c), Some(value), "U+{:04X}", u32::from(c));
                assert!(c.is_numeric());
            }
        }
        for c in [
            'a',
            '/',
            ':',
            '½',
            '²',
            '〇',
            '\u{65f}',
            '\u{66a}',
            '\u{ff1a}',
            '\u{1d7ce}',
        ] {
            assert_eq!(digit_value(c), None, "{c}");
        }
    }

    #[test]
    fn folding_drops_separators_and_keeps_what_is_wrong() {
        for text in [
            "4111 1111",
            "4111\u{a0}1111",
            "4111-1111",
            "4111\u{2013}1111",
            "\u{200f}4111\u{3000}1111\u{202c}\n",
            "٤١١١١١١١",
            "۴۱۱۱ ۱۱۱۱",
            "４１１１１１１１",
            "४१११११११",
            "৪১১১১১১১",
        ] {
            assert_eq!(fold_digits(text).as_str(), "41111111", "{text}");
        }
        assert_eq!(fold_digits("4111x1111").as_str(), "4111x1111");
        assert_eq!(fold_digits("4111/1111").as_str(), "4111/1111");
    }
}
