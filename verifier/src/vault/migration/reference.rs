//! What another vault calls a card or a customer.

use waxseal_protocol::card::Pan;

use super::RecordError;

/// 1 to 128 printable ASCII characters that do not read as a card number: references are written into the
/// token map in the clear.
#[derive(Clone, Eq, PartialEq)]
pub struct Reference(String);

impl Reference {
    /// Longest, in characters.
    pub const MAX_LEN: usize = 128;

    /// Checks a reference.
    ///
    /// # Errors
    /// [`RecordError::ReferenceInvalid`], or [`RecordError::ReferenceIsNumber`] for what a brand could
    /// have issued.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !(1..=Self::MAX_LEN).contains(&text.len()) || !is_printable {
            return Err(RecordError::ReferenceInvalid);
        }
        if Pan::parse(text).is_ok() {
            return Err(RecordError::ReferenceIsNumber);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the digits of `pan` stand in it, however they are set apart.
    pub(super) fn holds(&self, pan: &Pan) -> bool {
        let digits: String = self.0.chars().filter(char::is_ascii_digit).collect();
        // EXPOSE: to look for them.
        digits.contains(pan.digits())
    }
}

impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reference(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_a_card_number_is_no_reference() {
        for text in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "6221260000000001",
        ] {
            assert_eq!(Reference::parse(text), Err(RecordError::ReferenceIsNumber));
        }
        for text in ["", "a\nb", "é", &"x".repeat(129)] {
            assert_eq!(Reference::parse(text), Err(RecordError::ReferenceInvalid));
        }
        // The token of a vault that keeps the form of a number, and what a person puts before one.
        for text in ["9242424242424242", "tok_4242424242424242", &"x".repeat(128)] {
            assert_eq!(Reference::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn digits_are_found_behind_dashes() {
        let pan = Pan::parse("4242424242424242").unwrap();
        let holds = |text: &str| Reference::parse(text).unwrap().holds(&pan);
        assert!(holds("old-4242-4242-4242-4242") && holds("x4242424242424242y"));
        assert!(!holds("old-4242-4242-4242-4241"));
    }
}
