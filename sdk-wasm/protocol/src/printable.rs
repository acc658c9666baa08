//! Bounded texts of printable ASCII, so that the longest JSON form of a text is known: two bytes a
//! character, when all are quotes or backslashes.

use alloc::string::String;

/// `text` cut to `max` characters; what is not printable ASCII becomes `?`.
pub(crate) fn printable(text: &str, max: usize) -> String {
    text.chars()
        .take(max)
        .map(|c| if is_printable_char(c) { c } else { '?' })
        .collect()
}

/// Whether `text` is what [`printable`] could have made.
pub(crate) fn is_printable(text: &str, max: usize) -> bool {
    text.len() <= max && text.chars().all(is_printable_char)
}

fn is_printable_char(c: char) -> bool {
    matches!(c, ' '..='~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_made_printable() {
        assert_eq!(printable("Linux x86_64", 64), "Linux x86_64");
        assert_eq!(printable("aé\u{7f}\n~ \"", 64), "a???~ \"");
        assert_eq!(printable("éééé", 2), "??");
        for text in ["aé\u{7f}\n~ \"", "", "\u{1f4b3}\u{1f4b3}"] {
            assert!(is_printable(&printable(text, 3), 3));
        }
        assert!(!is_printable("abcd", 3));
        assert!(!is_printable("\n", 3));
        assert!(!is_printable("é", 3));
    }
}
