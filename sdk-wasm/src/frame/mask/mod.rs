//! Formatting while a person types: what the input shall hold after an edit, and where its caret.
//!
//! The caret never jumps: after every edit it stands behind the same digit as before the text was
//! formatted.

mod cvc;
mod expiry;
mod number;

use alloc::string::String;

pub use cvc::mask_cvc;
pub use expiry::{has_full_year, is_settled, mask_expiry, tidy_expiry};
pub use number::mask_number;

use waxseal_protocol::card::digit_value;
use zeroize::Zeroizing;

/// What kind of edit led to a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EditKind {
    /// The character before the caret, or a selection, was deleted.
    DeleteBackward,
    /// The character after the caret was deleted.
    DeleteForward,
    /// Filled by the browser, pasted, dropped, undone: not a single key.
    Other,
    /// One character was typed.
    Typed,
}

/// An input after the browser applied an edit, before it is formatted.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// What the input holds.
    pub text: &'a str,
    /// The caret, in UTF-16 code units.
    pub caret: usize,
    /// What kind of edit it was.
    pub kind: EditKind,
    /// What the input held before.
    pub previous: &'a str,
}

/// What the input shall hold, and its caret. The text is ASCII.
#[derive(Debug)]
pub struct Masked {
    /// The formatted text.
    pub text: Zeroizing<String>,
    /// The caret, in characters.
    pub caret: usize,
}

impl EditKind {
    /// From the `inputType` of an `input` event (W3C Input Events); autofill has none.
    pub fn from_input_type(input_type: &str) -> Self {
        match input_type {
            "deleteContentBackward" => Self::DeleteBackward,
            "deleteContentForward" => Self::DeleteForward,
            "insertText" => Self::Typed,
            _ => Self::Other,
        }
    }

    const fn is_deletion(self) -> bool {
        matches!(self, Self::DeleteBackward | Self::DeleteForward)
    }
}

/// The digits of a text and how many of them stand before the caret.
struct Digits {
    ascii: Zeroizing<String>,
    before_caret: usize,
}

impl Digits {
    fn of(text: &str, caret: usize) -> Self {
        let mut digits = Self {
            ascii: Zeroizing::new(String::with_capacity(text.len())),
            before_caret: 0,
        };
        let mut at = 0;
        for c in text.chars() {
            if let Some(value) = digit_value(c) {
                digits.ascii.push(char::from(b'0' + value));
                digits.before_caret += usize::from(at < caret);
            }
            at += c.len_utf16();
        }
        digits
    }

    /// The digits after an edit. Where the edit took nothing but a separator, which formatting
    /// would put back, it takes the digit beyond it: else the key would seem to do nothing.
    fn after(edit: &Edit) -> Self {
        let mut digits = Self::of(edit.text, edit.caret);
        if *digits.ascii == *Self::of(edit.previous, 0).ascii {
            match edit.kind {
                EditKind::DeleteBackward if digits.before_caret > 0 => {
                    digits.before_caret -= 1;
                    digits.ascii.remove(digits.before_caret);
                }
                EditKind::DeleteForward if digits.before_caret < digits.ascii.len() => {
                    digits.ascii.remove(digits.before_caret);
                }
                _ => {}
            }
        }
        digits
    }

    fn caret_at_end(&self) -> bool {
        self.before_caret == self.ascii.len()
    }

    /// Takes a digit back that was typed where none fits.
    fn undo_typed(&mut self) {
        if self.before_caret > 0 {
            self.before_caret -= 1;
            self.ascii.remove(self.before_caret);
        }
    }

    fn truncate(&mut self, len: usize) {
        self.ascii.truncate(len);
        self.before_caret = self.before_caret.min(self.ascii.len());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use waxseal_protocol::card::PAN_MAX_LEN;

    use super::*;

    proptest! {
        #[test]
        fn any_edit_of_any_text_is_survived(
            previous in any::<String>(), text in any::<String>(), caret in 0_usize..40, kind in 0_usize..4,
        ) {
            use EditKind::{DeleteBackward, DeleteForward, Other, Typed};
            let kind = [DeleteBackward, DeleteForward, Other, Typed][kind];
            let previous = mask_expiry(&edit(&previous, 0, Other, "")).text;
            let edit = edit(&text, caret, kind, &previous);
            for masked in [mask_number(&edit), mask_expiry(&edit), mask_cvc(&edit, None)] {
                prop_assert!(masked.text.is_ascii() && masked.caret <= masked.text.len());
                prop_assert!(masked.text.len() <= PAN_MAX_LEN + 4);
            }
        }

        #[test]
        fn a_formatted_number_stays_as_it_is(digits in "[0-9]{0,19}") {
            let masked = mask_number(&edit(&digits, digits.len(), EditKind::Other, ""));
            prop_assert_eq!(masked.text.replace(' ', ""), digits);
            for caret in 0..=masked.text.len() {
                let again = mask_number(&edit(&masked.text, caret, EditKind::Other, &masked.text));
                prop_assert_eq!(&*again.text, &*masked.text);
                prop_assert_eq!(masked.text[..caret].trim_end(), again.text[..again.caret].trim_end());
            }
        }
    }

    fn edit<'a>(text: &'a str, caret: usize, kind: EditKind, previous: &'a str) -> Edit<'a> {
        Edit {
            text,
            caret,
            kind,
            previous,
        }
    }
}

#[cfg(test)]
mod typist {
    //! A person at a keyboard in front of one input, as a browser would apply the keys.

    use super::*;

    pub(super) struct Typist {
        pub(super) text: String,
        pub(super) caret: usize,
        mask: fn(&Edit) -> Masked,
    }

    impl Typist {
        pub(super) fn new(mask: fn(&Edit) -> Masked) -> Self {
            Self {
                text: String::new(),
                caret: 0,
                mask,
            }
        }

        pub(super) fn types(&mut self, keys: &str) -> &mut Self {
            for key in keys.chars() {
                let mut text: Vec<char> = self.text.chars().collect();
                text.insert(self.caret, key);
                self.apply(&String::from_iter(text), self.caret + 1, EditKind::Typed);
            }
            self
        }

        pub(super) fn backspace(&mut self) -> &mut Self {
            if self.caret > 0 {
                let mut text = self.text.clone();
                text.remove(self.caret - 1);
                self.apply(&text, self.caret - 1, EditKind::DeleteBackward);
            }
            self
        }

        pub(super) fn delete(&mut self) -> &mut Self {
            if self.caret < self.text.len() {
                let mut text = self.text.clone();
                text.remove(self.caret);
                self.apply(&text, self.caret, EditKind::DeleteForward);
            }
            self
        }

        pub(super) fn moves_to(&mut self, caret: usize) -> &mut Self {
            self.caret = caret;
            self
        }

        pub(super) fn is_filled(&mut self, text: &str) -> &mut Self {
            self.apply(text, text.encode_utf16().count(), EditKind::Other);
            self
        }

        /// The text with `|` for the caret.
        pub(super) fn sees(&self) -> String {
            format!("{}|{}", &self.text[..self.caret], &self.text[self.caret..])
        }

        fn apply(&mut self, text: &str, caret: usize, kind: EditKind) {
            let edit = Edit {
                text,
                caret,
                kind,
                previous: &self.text,
            };
            let masked = (self.mask)(&edit);
            assert!(masked.text.is_ascii() && masked.caret <= masked.text.len());
            self.text = masked.text.to_string();
            self.caret = masked.caret;
        }
    }
}
