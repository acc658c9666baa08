//! The expiry date, as `MM / YY` or `MM / YYYY`: the year keeps as many digits as it was given, so
//! that what autofill wrote still says what it said.

use alloc::{borrow::ToOwned, string::String};

use waxseal_protocol::card::Expiry;
use zeroize::Zeroizing;

use super::{Digits, Edit, EditKind, Masked};

const SEPARATOR: &str = " / ";

/// Formats an expiry date. A first digit that begins no month gets its zero: `5` becomes `05 / `.
pub fn mask_expiry(edit: &Edit) -> Masked {
    let mut parts = Parts::after(edit);
    if edit.kind == EditKind::Typed {
        parts.complete_month();
        if parts.year().len() > parts.year_limit() {
            let caret = edit.caret.saturating_sub(1).min(edit.previous.len());
            return Masked {
                text: Zeroizing::new(edit.previous.to_owned()),
                caret,
            };
        }
    }
    parts.digits.truncate(parts.month_len + LONG_YEAR);
    parts.show(edit.kind)
}

/// Whether it is a date and nothing more is to be typed.
pub fn is_settled(text: &str) -> bool {
    has_full_year(text) && Expiry::parse(text).is_ok()
}

/// Whether no digit can follow. `12 / 20` is not full: it may become `12 / 2030`.
pub fn has_full_year(text: &str) -> bool {
    let slash = text.find('/').unwrap_or(text.len());
    let year = text.get(slash + 2..).unwrap_or_default();
    year.len() == LONG_YEAR || (year.len() == SHORT_YEAR && !begins_long_year(year))
}

/// The text of a field that was left: `5 / 30` becomes `05 / 30`.
pub fn tidy_expiry(text: &str) -> Option<Zeroizing<String>> {
    let is_short = text.find('/') == Some(2) && Expiry::parse(text).is_ok();
    is_short.then(|| Zeroizing::new(["0", text].concat()))
}

const SHORT_YEAR: usize = 2;
const LONG_YEAR: usize = 4;

/// `20` may be the year 2020 or the begin of 2030; the first is past, so more digits may follow.
fn begins_long_year(year: &str) -> bool {
    year.starts_with("20")
}

/// The digits, and how many of them are the month's.
struct Parts {
    digits: Digits,
    month_len: usize,
}

impl Parts {
    fn after(edit: &Edit) -> Self {
        let digits = Digits::after(edit);
        let len = digits.ascii.len();
        let mut month_len = digits_before_slash(edit.text);
        if month_len.is_none() && edit.kind.is_deletion() {
            month_len = digits_before_slash(edit.previous);
        }
        // What a deletion took beyond a separator was part of the month if it stood there.
        let taken = edit.kind.is_deletion() && len < Digits::of(edit.text, 0).ascii.len();
        let month_len = match month_len {
            Some(month_len) if taken && digits.before_caret < month_len => month_len - 1,
            Some(LONG_YEAR) if edit.kind == EditKind::Other && len > LONG_YEAR => {
                return Self::from_year_and_month(&digits);
            }
            Some(month_len) => month_len,
            None => 2,
        };
        Self {
            digits,
            month_len: month_len.min(2).min(len),
        }
    }

    /// `2030-12`, as a browser may fill it in.
    fn from_year_and_month(digits: &Digits) -> Self {
        let part = |range| digits.ascii.get(range).unwrap_or_default();
        let (year, month) = (
            part(0..LONG_YEAR),
            part(LONG_YEAR..digits.ascii.len().min(6)),
        );
        let ascii = Zeroizing::new([month, year].concat());
        let digits = Digits {
            before_caret: ascii.len(),
            ascii,
        };
        Self {
            digits,
            month_len: month.len(),
        }
    }

    fn month(&self) -> &str {
        self.digits.ascii.get(..self.month_len).unwrap_or_default()
    }

    fn year(&self) -> &str {
        self.digits.ascii.get(self.month_len..).unwrap_or_default()
    }

    fn year_limit(&self) -> usize {
        if begins_long_year(self.year()) {
            LONG_YEAR
        } else {
            SHORT_YEAR
        }
    }

    /// Puts the zero before a month that was typed with one digit, as far as that is certain.
    fn complete_month(&mut self) {
        let certain = match self.month().as_bytes() {
            // Alone: 2 to 9 begin no month. With a slash behind it, any but 0 is a month.
            [digit] => *digit > b'1' && self.year().is_empty(),
            // 13 to 19: the month is 1, and the year has begun.
            [b'1', b'3'..=b'9'] => self.year().is_empty(),
            _ => false,
        };
        if certain {
            self.digits.ascii.insert(0, '0');
            self.digits.before_caret += 1;
            self.month_len = 2;
        }
    }

    fn show(&self, kind: EditKind) -> Masked {
        let (month, year) = (self.month(), self.year());
        let capacity = month.len() + SEPARATOR.len() + year.len();
        let mut text = Zeroizing::new(String::with_capacity(capacity));
        text.push_str(month);
        if !year.is_empty() || (self.month_len == 2 && !kind.is_deletion()) {
            text.push_str(SEPARATOR);
        }
        text.push_str(year);
        let before = self.digits.before_caret;
        let goes_on = before == 2 && self.month_len == 2 && !kind.is_deletion();
        let is_behind = before > self.month_len || goes_on;
        let caret = if is_behind {
            before + SEPARATOR.len()
        } else {
            before
        };
        Masked {
            caret: caret.min(text.len()),
            text,
        }
    }
}

/// How many digits stand before the first slash, if there is one.
fn digits_before_slash(text: &str) -> Option<usize> {
    let slash = text.find([
        '/', '-', '.', '\u{ff0f}', '\u{2044}', '\u{2215}', '\u{2013}',
    ])?;
    Some(Digits::of(text.get(..slash)?, 0).ascii.len())
}

#[cfg(test)]
mod tests {
    use super::{super::typist::Typist, *};

    fn typist() -> Typist {
        Typist::new(mask_expiry)
    }

    #[test]
    fn typing_puts_the_slash() {
        for (keys, seen) in [
            ("1", "1|"),
            ("12", "12 / |"),
            ("123", "12 / 3|"),
            ("1230", "12 / 30|"),
            ("12/30", "12 / 30|"),
            ("12 / 30", "12 / 30|"),
            ("5", "05 / |"),
            ("530", "05 / 30|"),
            ("1/30", "01 / 30|"),
            ("0530", "05 / 30|"),
            ("13", "01 / 3|"),
            ("122030", "12 / 2030|"),
            ("12/2030", "12 / 2030|"),
            ("0", "0|"),
        ] {
            assert_eq!(typist().types(keys).sees(), seen, "{keys}");
        }
    }

    #[test]
    fn a_key_too_many_is_not_taken() {
        assert_eq!(typist().types("12305").sees(), "12 / 30|");
        assert_eq!(typist().types("1220301").sees(), "12 / 2030|");
        let mut full = typist();
        full.types("1230").moves_to(1).types("5");
        assert_eq!(full.sees(), "1|2 / 30");
    }

    #[test]
    fn deleting_goes_through_the_slash() {
        let mut expiry = typist();
        expiry.types("1230").backspace();
        assert_eq!(expiry.sees(), "12 / 3|");
        expiry.backspace();
        assert_eq!(expiry.sees(), "12|");
        expiry.backspace();
        assert_eq!(expiry.sees(), "1|");
        expiry.types("1");
        assert_eq!(expiry.sees(), "11 / |");
        expiry.backspace();
        assert_eq!(expiry.sees(), "1|");
    }

    #[test]
    fn edits_in_the_middle_keep_month_and_year_apart() {
        let mut expiry = typist();
        expiry.types("1230").moves_to(1).backspace();
        assert_eq!(expiry.sees(), "|2 / 30");
        expiry.types("0");
        assert_eq!(expiry.sees(), "0|2 / 30");
        expiry.moves_to(4).backspace();
        assert_eq!(expiry.sees(), "0| / 30");
        expiry.types("9");
        assert_eq!(expiry.sees(), "09 / |30");
        expiry.moves_to(2).delete();
        assert_eq!(expiry.sees(), "09| / 0");
        let mut emptied = typist();
        emptied.types("1230").moves_to(2).backspace().backspace();
        assert_eq!(emptied.sees(), "| / 30");
        emptied.types("1").types("1");
        assert_eq!(emptied.sees(), "11 / |30");
    }

    #[test]
    fn what_is_filled_in_keeps_its_meaning() {
        for (text, seen) in [
            ("12/2030", "12 / 2030|"),
            ("12/30", "12 / 30|"),
            ("1230", "12 / 30|"),
            ("12 / 30", "12 / 30|"),
            ("2030-12", "12 / 2030|"),
            ("2030-1", "1 / 2030|"),
            ("１２／３０", "12 / 30|"),
            ("\u{200f}١٢/٢٠٣٠", "12 / 2030|"),
            ("13/30", "13 / 30|"),
            ("", "|"),
        ] {
            let mut expiry = typist();
            expiry.is_filled(text);
            assert_eq!(expiry.sees(), seen, "{text}");
            let given = Expiry::parse(text).map(|expiry| (expiry.year(), expiry.month()));
            let shown = Expiry::parse(&expiry.text).map(|expiry| (expiry.year(), expiry.month()));
            assert_eq!(given, shown, "{text}");
        }
    }

    #[test]
    fn a_year_that_may_go_on_is_not_settled() {
        for (text, settled) in [
            ("12 / 30", true),
            ("12 / 2030", true),
            ("12 / 20", false),
            ("12 / 203", false),
            ("13 / 30", false),
            ("12 / 3", false),
            ("12", false),
        ] {
            assert_eq!(is_settled(text), settled, "{text}");
        }
    }

    #[test]
    fn a_month_of_one_digit_gets_its_zero_when_the_field_is_left() {
        assert_eq!(tidy_expiry("5 / 30").unwrap().as_str(), "05 / 30");
        for text in ["05 / 30", "", "5", "0 / 30", "5 / 3"] {
            assert!(tidy_expiry(text).is_none(), "{text}");
        }
    }
}
