//! Which brands a card number, complete or not, can belong to.

use alloc::vec::Vec;

use super::{
    PAN_MAX_LEN,
    brand::Brand,
    brand_table::{IinRange, RANGES},
};

/// A brand that a number can belong to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// The brand.
    pub brand: Brand,
    /// How many leading digits the brand's best range has in common with the number.
    pub matched: u32,
    /// Whether a range matched whole; if not, more digits may still rule the brand out.
    pub settled: bool,
}

/// The brands that `digits` (ASCII digits, possibly few) can belong to, best first: those whose
/// range matches whole before those that need more digits, then the longest match.
///
/// Nothing typed yet matches every brand; text that is not all digits matches none.
pub fn detect(digits: &str) -> Vec<Candidate> {
    let mut candidates = Vec::with_capacity(Brand::ALL.len());
    if digits.bytes().all(|digit| digit.is_ascii_digit()) {
        for range in RANGES {
            if let Some(candidate) = match_range(range, digits) {
                merge(&mut candidates, candidate);
            }
        }
    }
    candidates
}

/// The brand to show for a number that is being typed: the best settled one, or the only one left.
pub fn best_brand(digits: &str) -> Option<Brand> {
    let candidates = detect(digits);
    let best = candidates.first()?;
    (best.settled || candidates.len() == 1).then_some(best.brand)
}

/// How many digits the number that is being typed can have at most.
pub fn max_length(digits: &str) -> usize {
    let longest = detect(digits)
        .iter()
        .map(|candidate| candidate.brand.spec().max_length())
        .max();
    longest.unwrap_or(PAN_MAX_LEN)
}

fn match_range(range: &IinRange, digits: &str) -> Option<Candidate> {
    let mut matched = 0;
    let mut prefix = 0;
    for digit in digits.bytes().take(range.len as usize) {
        prefix = prefix * 10 + u32::from(digit - b'0');
        matched += 1;
    }
    let open_places = 10_u32.pow(range.len - matched);
    let fits = range.first / open_places <= prefix && prefix <= range.last / open_places;
    let candidate = Candidate {
        brand: range.brand,
        matched,
        settled: matched == range.len,
    };
    fits.then_some(candidate)
}

/// Keeps each brand once, by its best range, in order. A dozen entries at most: the sort of the
/// standard library would cost the browser more bytes than it saves steps.
fn merge(candidates: &mut Vec<Candidate>, candidate: Candidate) {
    let known = candidates
        .iter()
        .position(|other| other.brand == candidate.brand);
    if let Some(at) = known {
        if rank(candidates[at]) >= rank(candidate) {
            return;
        }
        candidates.remove(at);
    }
    let behind = candidates
        .iter()
        .position(|&other| rank(other) < rank(candidate));
    candidates.insert(behind.unwrap_or(candidates.len()), candidate);
}

fn rank(candidate: Candidate) -> (bool, u32) {
    (candidate.settled, candidate.matched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brands(digits: &str) -> Vec<Brand> {
        detect(digits)
            .iter()
            .map(|candidate| candidate.brand)
            .collect()
    }

    #[test]
    fn the_longest_match_wins() {
        for (digits, brand) in [
            ("4", Brand::Visa),
            ("401178", Brand::Elo),
            ("401177", Brand::Visa),
            ("2221", Brand::Mastercard),
            ("2720", Brand::Mastercard),
            ("2204", Brand::Mir),
            ("50", Brand::Maestro),
            ("506699", Brand::Elo),
            ("508500", Brand::Rupay),
            ("6011", Brand::Discover),
            ("606282", Brand::Hipercard),
            ("607000", Brand::Rupay),
            ("62", Brand::Unionpay),
            ("622126", Brand::Unionpay),
            ("65", Brand::Discover),
            ("652150", Brand::Rupay),
            ("655000", Brand::Elo),
            ("3530", Brand::Jcb),
            ("8171", Brand::Unionpay),
            ("817200", Brand::Rupay),
            ("820199", Brand::Rupay),
            ("30", Brand::Diners),
            ("384100", Brand::Hipercard),
        ] {
            assert_eq!(best_brand(digits), Some(brand), "{digits}");
        }
    }

    #[test]
    fn overlapping_brands_stay_candidates() {
        assert_eq!(brands("622126"), [Brand::Unionpay, Brand::Discover]);
        assert_eq!(brands("353000"), [Brand::Jcb, Brand::Rupay]);
        assert_eq!(brands("401178"), [Brand::Elo, Brand::Visa]);
        assert_eq!(brands("606282"), [Brand::Hipercard, Brand::Maestro]);
    }

    #[test]
    fn range_ends_are_exact() {
        for (digits, inside) in [
            ("2220", false),
            ("2221", true),
            ("2720", true),
            ("2721", false),
        ] {
            assert_eq!(
                brands(digits).contains(&Brand::Mastercard),
                inside,
                "{digits}"
            );
        }
        for (digits, inside) in [
            ("652149", false),
            ("652150", true),
            ("653149", true),
            ("653150", false),
        ] {
            assert_eq!(brands(digits).contains(&Brand::Rupay), inside, "{digits}");
        }
    }

    #[test]
    fn a_few_digits_leave_the_brand_open() {
        assert_eq!(detect("").len(), Brand::ALL.len());
        assert_eq!(best_brand(""), None);
        assert_eq!(best_brand("6"), None);
        assert_eq!(best_brand("3"), None);
        assert_eq!(best_brand("9"), None);
        assert!(detect("9").is_empty());
        assert!(detect("4x").is_empty());
        assert_eq!(best_brand("220"), Some(Brand::Mir));
    }

    #[test]
    fn a_number_may_grow_to_the_longest_of_its_brands() {
        assert_eq!(max_length("37"), 15);
        assert_eq!(max_length("55"), 16);
        assert_eq!(max_length("6759"), 19);
        assert_eq!(max_length("401178"), 19);
        assert_eq!(max_length("9"), 19);
    }

    #[test]
    fn no_digit_sequence_gives_a_brand_twice() {
        for prefix in 0..10_000_u32 {
            let found = brands(&format!("{prefix:04}"));
            for (at, brand) in found.iter().enumerate() {
                assert!(!found[..at].contains(brand), "{prefix:04} {brand:?}");
            }
        }
    }
}
