//! The brand table: IIN ranges, lengths, CVC length, grouping.
//!
//! ISO/IEC 7812-1 fixes the form of a number (an issuer identification number of up to eight digits,
//! an account number, a check digit; 19 digits at most); the registry of who owns which IIN
//! (ISO/IEC 7812-2) is not public. The rows come from what the brands publish for acquirers: the
//! Visa and Mastercard merchant rules (Mastercard's 2-series 222100 to 272099 since 2017, Maestro's
//! 50, 56 to 58 and 6x with 12 to 19 digits), American Express (34, 37), the Discover network's IIN
//! bulletins (which also list Diners Club's 300 to 305, 3095, 36, 38, 39 and the `UnionPay` ranges
//! that the network carries), JCB (3528 to 3589), `UnionPay` International (62 and 81, 16 to 19
//! digits), NSPK for Mir (2200 to 2204), NPCI for `RuPay` (508500 to 508999, 606985 to 607984,
//! 608001 to 608500, 652150 to 653149, 817200 to 820199, and 353 and 356 shared with JCB), and the
//! Elo and Hipercard BIN lists of Brazilian acquirers.
//!
//! Ranges overlap, since co-branded cards and later allocations lie inside older ones. All matching
//! rows count; see [`super::detect`] for the order.

use super::brand::{Brand, BrandSpec};

/// A block of issuer identification numbers.
#[derive(Debug)]
pub(super) struct IinRange {
    pub(super) brand: Brand,
    pub(super) first: u32,
    pub(super) last: u32,
    /// How many digits `first` and `last` have.
    pub(super) len: u32,
}

/// Groups of four digits, for up to 19.
pub(super) const FOURS: &[u8] = &[4, 4, 4, 4, 3];

const SIXTEEN_TO_NINETEEN: &[u8] = &[16, 17, 18, 19];

const PLAIN: BrandSpec = BrandSpec {
    name: "",
    lengths: &[16],
    usual_length: 16,
    cvc_length: 3,
    grouping: FOURS,
    luhn_required: true,
};

/// The row of a brand.
pub(super) const fn spec(brand: Brand) -> &'static BrandSpec {
    match brand {
        Brand::Amex => &BrandSpec {
            name: "American Express",
            lengths: &[15],
            usual_length: 15,
            cvc_length: 4,
            grouping: &[4, 6, 5],
            ..PLAIN
        },
        Brand::Diners => &BrandSpec {
            name: "Diners Club",
            lengths: &[14, 15, 16, 17, 18, 19],
            usual_length: 14,
            grouping: &[4, 6, 4],
            ..PLAIN
        },
        Brand::Discover => &BrandSpec {
            name: "Discover",
            lengths: SIXTEEN_TO_NINETEEN,
            ..PLAIN
        },
        Brand::Elo => &BrandSpec {
            name: "Elo",
            ..PLAIN
        },
        Brand::Hipercard => &BrandSpec {
            name: "Hipercard",
            lengths: &[13, 16, 19],
            ..PLAIN
        },
        Brand::Jcb => &BrandSpec {
            name: "JCB",
            lengths: SIXTEEN_TO_NINETEEN,
            ..PLAIN
        },
        Brand::Maestro => &BrandSpec {
            name: "Maestro",
            lengths: &[12, 13, 14, 15, 16, 17, 18, 19],
            ..PLAIN
        },
        Brand::Mastercard => &BrandSpec {
            name: "Mastercard",
            ..PLAIN
        },
        Brand::Mir => &BrandSpec {
            name: "Mir",
            lengths: SIXTEEN_TO_NINETEEN,
            ..PLAIN
        },
        Brand::Rupay => &BrandSpec {
            name: "RuPay",
            ..PLAIN
        },
        // Some UnionPay debit cards carry no check digit.
        Brand::Unionpay => &BrandSpec {
            name: "UnionPay",
            lengths: SIXTEEN_TO_NINETEEN,
            luhn_required: false,
            ..PLAIN
        },
        Brand::Visa => &BrandSpec {
            name: "Visa",
            lengths: &[13, 16, 18, 19],
            ..PLAIN
        },
    }
}

/// Every range. Where two match with the same length, the earlier row comes first: a card that both
/// networks carry belongs to its issuer's brand.
pub(super) const RANGES: &[IinRange] = &[
    range(Brand::Visa, 4, 4),
    range(Brand::Mastercard, 51, 55),
    range(Brand::Mastercard, 2221, 2720),
    range(Brand::Amex, 34, 34),
    range(Brand::Amex, 37, 37),
    // UnionPay issues what lies in the Discover network's copies of these three ranges.
    range(Brand::Unionpay, 62, 62),
    range(Brand::Unionpay, 622_126, 622_925),
    range(Brand::Unionpay, 624_000, 626_999),
    range(Brand::Unionpay, 628_200, 628_899),
    range(Brand::Unionpay, 8100, 8171),
    range(Brand::Discover, 6011, 6011),
    range(Brand::Discover, 644, 649),
    range(Brand::Discover, 65, 65),
    range(Brand::Discover, 622_126, 622_925),
    range(Brand::Discover, 624_000, 626_999),
    range(Brand::Discover, 628_200, 628_899),
    range(Brand::Diners, 300, 305),
    range(Brand::Diners, 3095, 3095),
    range(Brand::Diners, 36, 36),
    range(Brand::Diners, 38, 39),
    range(Brand::Jcb, 3528, 3589),
    range(Brand::Mir, 2200, 2204),
    range(Brand::Rupay, 353, 353),
    range(Brand::Rupay, 356, 356),
    range(Brand::Rupay, 508_500, 508_999),
    range(Brand::Rupay, 606_985, 607_984),
    range(Brand::Rupay, 608_001, 608_500),
    range(Brand::Rupay, 652_150, 653_149),
    range(Brand::Rupay, 817_200, 820_199),
    // 6011, 62, 64 and 65 are left out of Maestro's 6: the brands that own them issue no number
    // below 16 digits, and a half-typed one would pass as a short Maestro number.
    range(Brand::Maestro, 50, 50),
    range(Brand::Maestro, 56, 58),
    range(Brand::Maestro, 6000, 6010),
    range(Brand::Maestro, 6012, 6099),
    range(Brand::Maestro, 61, 61),
    range(Brand::Maestro, 63, 63),
    range(Brand::Maestro, 66, 69),
    range(Brand::Hipercard, 384_100, 384_100),
    range(Brand::Hipercard, 384_140, 384_140),
    range(Brand::Hipercard, 384_160, 384_160),
    range(Brand::Hipercard, 606_282, 606_282),
    range(Brand::Hipercard, 637_095, 637_095),
    range(Brand::Hipercard, 637_568, 637_568),
    range(Brand::Hipercard, 637_599, 637_599),
    range(Brand::Hipercard, 637_609, 637_609),
    range(Brand::Hipercard, 637_612, 637_612),
    range(Brand::Elo, 401_178, 401_179),
    range(Brand::Elo, 431_274, 431_274),
    range(Brand::Elo, 438_935, 438_935),
    range(Brand::Elo, 451_416, 451_416),
    range(Brand::Elo, 457_393, 457_393),
    range(Brand::Elo, 457_631, 457_632),
    range(Brand::Elo, 504_175, 504_175),
    range(Brand::Elo, 506_699, 506_778),
    range(Brand::Elo, 509_000, 509_999),
    range(Brand::Elo, 627_780, 627_780),
    range(Brand::Elo, 636_297, 636_297),
    range(Brand::Elo, 636_368, 636_368),
    range(Brand::Elo, 650_031, 650_033),
    range(Brand::Elo, 650_035, 650_051),
    range(Brand::Elo, 650_405, 650_439),
    range(Brand::Elo, 650_485, 650_538),
    range(Brand::Elo, 650_541, 650_598),
    range(Brand::Elo, 650_700, 650_718),
    range(Brand::Elo, 650_720, 650_727),
    range(Brand::Elo, 650_901, 650_978),
    range(Brand::Elo, 651_652, 651_679),
    range(Brand::Elo, 655_000, 655_019),
    range(Brand::Elo, 655_021, 655_058),
];

const fn range(brand: Brand, first: u32, last: u32) -> IinRange {
    IinRange {
        brand,
        first,
        last,
        len: first.ilog10() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_ordered_pairs_of_one_length() {
        for row in RANGES {
            assert!(row.first <= row.last, "{row:?}");
            assert_eq!(row.last.ilog10() + 1, row.len, "{row:?}");
            assert!(row.len <= 8, "{row:?}");
        }
        for brand in Brand::ALL {
            assert!(
                RANGES.iter().any(|row| row.brand == brand),
                "{brand:?} has no range"
            );
        }
    }

    #[test]
    fn no_range_stands_twice_in_a_brand() {
        for (at, row) in RANGES.iter().enumerate() {
            let same_len = RANGES[..at]
                .iter()
                .filter(|r| r.brand == row.brand && r.len == row.len);
            for other in same_len {
                assert!(
                    row.first > other.last || row.last < other.first,
                    "{row:?} {other:?}"
                );
            }
        }
    }
}
