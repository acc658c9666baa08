//! Why an operator wants to see a number.

const LEAST: usize = 10;
const MOST: usize = 200;

/// 10 to 200 printable characters, without spaces at the ends. What it says is content: it is stored
/// encrypted, and never logged.
#[derive(Clone)]
pub struct Reason(String);

impl Reason {
    /// From what was sent; `None` for what is too short or too long, or would not read as it is.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (LEAST..=MOST).contains(&text.chars().count()) && text.chars().all(is_printable);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// No control character, and none that shows nothing or turns the text around it.
fn is_printable(character: char) -> bool {
    let is_invisible = matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !character.is_control() && !is_invisible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_that_can_be_read() {
        let trimmed = Reason::parse("  chargeback 7  ").unwrap();
        assert_eq!(trimmed.as_str(), "chargeback 7");
        assert!(Reason::parse(&"ä".repeat(200)).is_some());
        for bad in [
            "",
            "chargeba7",
            "          ",
            "         a         ",
            "charge\nback 7",
            "charge\0back 7",
            "charge\u{202e}back 7",
            "chargeback\u{200b}",
            &"ä".repeat(201),
        ] {
            assert!(Reason::parse(bad).is_none(), "{bad:?}");
        }
    }
}
