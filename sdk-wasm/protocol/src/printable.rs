//! Bounded texts of printable ASCII, so that the longest JSON form of a text is known: two bytes a
//! character when all are quotes or backslashes, one where those are not allowed.

use alloc::string::String;

/// `text` cut to `max` characters; what is not printable ASCII, and what JSON escapes, becomes `?`.
pub(crate) fn plain(text: &str, max: usize) -> String {
    text.chars()
        .take(max)
        .map(|c| if is_plain_char(c) { c } else { '?' })
        .collect()
}

/// Whether `text` is what [`plain`] could have made.
pub(crate) fn is_plain(text: &str, max: usize) -> bool {
    text.len() <= max && text.chars().all(is_plain_char)
}

/// Whether `text` is printable ASCII of at most `max` characters.
pub(crate) fn is_printable(text: &str, max: usize) -> bool {
    text.len() <= max && text.chars().all(is_printable_char)
}

fn is_plain_char(c: char) -> bool {
    is_printable_char(c) && !matches!(c, '"' | '\\')
}

fn is_printable_char(c: char) -> bool {
    matches!(c, ' '..='~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_made_plain() {
        assert_eq!(plain("Linux x86_64", 64), "Linux x86_64");
        assert_eq!(plain("aé\u{7f}\n~ \"\\", 64), "a???~ ??");
        assert_eq!(plain("éééé", 2), "??");
        for text in ["aé\u{7f}\n~ \"", "", "\u{1f4b3}\u{1f4b3}"] {
            let made = plain(text, 3);
            assert!(is_plain(&made, 3) && is_printable(&made, 3));
            assert_eq!(serde_json::to_string(&made).unwrap().len(), made.len() + 2);
        }
        assert!(!is_printable("abcd", 3) && !is_plain("abcd", 3));
        for text in ["\n", "é"] {
            assert!(!is_printable(text, 3) && !is_plain(text, 3));
        }
        for text in ["\"", "\\"] {
            assert!(is_printable(text, 3) && !is_plain(text, 3));
        }
    }
}
