//! The security code.

use waxseal_protocol::card::Brand;

use super::{Digits, Edit, EditKind, Masked};

/// The most digits that a security code of any brand has.
const LONGEST: usize = 4;

/// Formats a security code: digits only, as many as the brand's codes have if the brand is known.
pub fn mask_cvc(edit: &Edit, brand: Option<Brand>) -> Masked {
    let mut digits = Digits::after(edit);
    let length = brand.map_or(LONGEST, |brand| usize::from(brand.spec().cvc_length));
    if digits.ascii.len() > length && edit.kind == EditKind::Typed {
        digits.undo_typed();
    }
    digits.truncate(LONGEST);
    Masked {
        caret: digits.before_caret,
        text: digits.ascii,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::typist::Typist, *};

    #[test]
    fn length_follows_the_brand() {
        for (mask, seen) in [
            (
                (|edit| mask_cvc(edit, None)) as fn(&Edit) -> Masked,
                "1234|",
            ),
            (|edit| mask_cvc(edit, Some(Brand::Amex)), "1234|"),
            (|edit| mask_cvc(edit, Some(Brand::Visa)), "123|"),
        ] {
            assert_eq!(Typist::new(mask).types("12a345").sees(), seen);
        }
    }

    #[test]
    fn edits_in_the_middle_keep_the_caret() {
        let mut cvc = Typist::new(|edit| mask_cvc(edit, Some(Brand::Visa)));
        cvc.types("12").moves_to(1).types("9");
        assert_eq!(cvc.sees(), "19|2");
        cvc.types("5");
        assert_eq!(cvc.sees(), "19|2");
        cvc.backspace();
        assert_eq!(cvc.sees(), "1|2");
    }

    #[test]
    fn a_filled_code_is_kept_whole_so_that_it_is_seen_to_be_wrong() {
        let mut cvc = Typist::new(|edit| mask_cvc(edit, Some(Brand::Visa)));
        assert_eq!(cvc.is_filled("١٢٣٤").sees(), "1234|");
    }
}
