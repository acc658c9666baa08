//! The card number, grouped as on the card's face.

use alloc::string::String;

use waxseal_protocol::card::{PAN_MAX_LEN, best_brand, max_length};
use zeroize::Zeroizing;

use super::{Digits, Edit, EditKind, Masked};

/// Groups of a number whose brand is not known yet.
const FOURS: &[u8] = &[4, 4, 4, 4, 3];

/// Formats a card number. All but digits is dropped, digits of any script become ASCII.
pub fn mask_number(edit: &Edit) -> Masked {
    let mut digits = Digits::after(edit);
    // One key too many at the end is not taken. Elsewhere it is, up to what any card can have: the
    // person may be about to delete the digit next to it.
    let limit = if digits.caret_at_end() {
        max_length(&digits.ascii)
    } else {
        PAN_MAX_LEN
    };
    if digits.ascii.len() > limit && edit.kind == EditKind::Typed {
        digits.undo_typed();
    }
    digits.truncate(PAN_MAX_LEN);
    group(&digits, edit.kind)
}

fn group(digits: &Digits, kind: EditKind) -> Masked {
    let len = digits.ascii.len();
    let groups = best_brand(&digits.ascii).map_or(FOURS, |brand| brand.spec().grouping_for(len));
    let mut text = Zeroizing::new(String::with_capacity(len + groups.len()));
    let mut caret = 0;
    let mut at = 0;
    for group in groups {
        for digit in digits.ascii.chars().skip(at).take(usize::from(*group)) {
            text.push(digit);
            at += 1;
            if at == digits.before_caret {
                caret = text.len();
            }
        }
        if at < len {
            text.push(' ');
            // Typing goes on behind the space, deleting before it.
            if at == digits.before_caret && !kind.is_deletion() {
                caret = text.len();
            }
        }
    }
    Masked { text, caret }
}

#[cfg(test)]
mod tests {
    use super::{super::typist::Typist, *};

    fn typist() -> Typist {
        Typist::new(mask_number)
    }

    #[test]
    fn groups_follow_the_brand() {
        for (keys, seen) in [
            ("4", "4|"),
            ("4242", "4242|"),
            ("42424", "4242 4|"),
            ("4242424242424242", "4242 4242 4242 4242|"),
            ("378282246310005", "3782 822463 10005|"),
            ("36227206271667", "3622 720627 1667|"),
            ("3056930009020004", "3056 9300 0902 0004|"),
            ("4000000000000000006", "4000 0000 0000 0000 006|"),
            ("6799990100000000019", "6799 9901 0000 0000 019|"),
            ("4a2-4 2x4", "4242 4|"),
        ] {
            assert_eq!(typist().types(keys).sees(), seen);
        }
    }

    #[test]
    fn a_key_too_many_is_not_taken() {
        assert_eq!(
            typist().types("3782822463100056").sees(),
            "3782 822463 10005|"
        );
        assert_eq!(
            typist().types("40000000000000000061").sees(),
            "4000 0000 0000 0000 006|"
        );
        assert_eq!(
            typist().types("55555555555544441").sees(),
            "5555 5555 5555 4444|"
        );
        let mut full = typist();
        full.types("6799990100000000019").moves_to(7).types("5");
        assert_eq!(full.sees(), "6799 99|01 0000 0000 019");
    }

    #[test]
    fn an_edit_in_the_middle_keeps_the_caret() {
        let mut middle = typist();
        middle.types("42424242").moves_to(2).types("9");
        assert_eq!(middle.sees(), "429|4 2424 2");
        middle.types("8");
        assert_eq!(middle.sees(), "4298 |4242 42");
        middle.backspace();
        assert_eq!(middle.sees(), "429|4 2424 2");
        middle.delete();
        assert_eq!(middle.sees(), "429|2 4242");
        middle.moves_to(0).types("5");
        assert_eq!(middle.sees(), "5|429 2424 2");
    }

    #[test]
    fn a_deleted_space_takes_its_digit() {
        let mut before = typist();
        before.types("42424242").moves_to(5).backspace();
        assert_eq!(before.sees(), "424|4 242");
        let mut after = typist();
        after.types("42424242").moves_to(4).delete();
        assert_eq!(after.sees(), "4242| 242");
        let mut start = typist();
        start.types("4").moves_to(0).backspace();
        assert_eq!(start.sees(), "|4");
    }

    #[test]
    fn what_is_filled_in_is_read_in_any_form() {
        for text in [
            "4242424242424242",
            "4242-4242-4242-4242",
            "4242\u{a0}4242\u{a0}4242\u{a0}4242",
            "４２４２ ４２４２ ４２４２ ４２４２",
            "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
            "Card: 4242 4242 4242 4242\n",
        ] {
            assert_eq!(
                typist().is_filled(text).sees(),
                "4242 4242 4242 4242|",
                "{text}"
            );
        }
        assert_eq!(
            typist()
                .is_filled(&"1".repeat(40))
                .text
                .replace(' ', "")
                .len(),
            19
        );
        assert_eq!(typist().is_filled("no digits").sees(), "|");
    }

    #[test]
    fn typing_and_deleting_everything_ends_where_it_began() {
        let mut number = typist();
        number.types("6799990100000000019");
        for left in (0..19).rev() {
            number.backspace();
            assert_eq!(number.text.replace(' ', "").len(), left);
        }
        assert_eq!(number.sees(), "|");
    }
}
