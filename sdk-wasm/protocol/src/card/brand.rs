//! Card brands and what is known of each.

use serde::{Deserialize, Serialize};

use super::brand_table;

/// A card brand (payment network).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Brand {
    /// American Express.
    Amex,
    /// Diners Club International.
    Diners,
    /// Discover.
    Discover,
    /// Elo.
    Elo,
    /// Hipercard.
    Hipercard,
    /// JCB.
    Jcb,
    /// Maestro.
    Maestro,
    /// Mastercard.
    Mastercard,
    /// Mir.
    Mir,
    /// `RuPay`.
    Rupay,
    /// `UnionPay`.
    Unionpay,
    /// Visa.
    Visa,
}

impl Brand {
    /// Every brand, in alphabetical order.
    pub const ALL: [Self; 12] = [
        Self::Amex,
        Self::Diners,
        Self::Discover,
        Self::Elo,
        Self::Hipercard,
        Self::Jcb,
        Self::Maestro,
        Self::Mastercard,
        Self::Mir,
        Self::Rupay,
        Self::Unionpay,
        Self::Visa,
    ];

    /// The brand as it crosses the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Amex => "amex",
            Self::Diners => "diners",
            Self::Discover => "discover",
            Self::Elo => "elo",
            Self::Hipercard => "hipercard",
            Self::Jcb => "jcb",
            Self::Maestro => "maestro",
            Self::Mastercard => "mastercard",
            Self::Mir => "mir",
            Self::Rupay => "rupay",
            Self::Unionpay => "unionpay",
            Self::Visa => "visa",
        }
    }

    /// What is known of the brand.
    pub const fn spec(self) -> &'static BrandSpec {
        brand_table::spec(self)
    }
}

/// One row of the brand table.
#[derive(Debug)]
pub struct BrandSpec {
    /// Name for people.
    pub name: &'static str,
    /// How many digits a PAN may have, ascending.
    pub lengths: &'static [u8],
    /// The length that nearly all cards of the brand have.
    pub usual_length: u8,
    /// How many digits the CVC has.
    pub cvc_length: u8,
    /// How many digits stand together on the card's face at its usual length.
    pub grouping: &'static [u8],
    /// Whether every PAN of the brand ends in a Luhn check digit.
    pub luhn_required: bool,
}

impl BrandSpec {
    /// Whether a PAN of the brand can have `len` digits.
    pub fn takes_length(&self, len: usize) -> bool {
        self.lengths
            .iter()
            .any(|&length| usize::from(length) == len)
    }

    /// The most digits that a PAN of the brand can have.
    pub fn max_length(&self) -> usize {
        self.lengths.last().copied().map_or(0, usize::from)
    }

    /// How to group a PAN of `len` digits: as on the card's face, in fours when there are more
    /// digits than the face groups.
    pub fn grouping_for(&self, len: usize) -> &'static [u8] {
        let grouped: usize = self.grouping.iter().copied().map(usize::from).sum();
        if len > grouped {
            brand_table::FOURS
        } else {
            self.grouping
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_are_sorted_and_named_as_serde_names_them() {
        for pair in Brand::ALL.windows(2) {
            assert!(pair[0].as_str() < pair[1].as_str());
        }
        for brand in Brand::ALL {
            let json = serde_json::to_string(&brand).unwrap();
            assert_eq!(json.trim_matches('"'), brand.as_str());
        }
    }

    #[test]
    fn specs_are_consistent() {
        for brand in Brand::ALL {
            let spec = brand.spec();
            assert!(
                spec.lengths.is_sorted() && !spec.lengths.is_empty(),
                "{brand:?}"
            );
            assert!(
                spec.lengths.iter().all(|len| (12..=19).contains(len)),
                "{brand:?}"
            );
            assert!(
                spec.takes_length(usize::from(spec.usual_length)),
                "{brand:?}"
            );
            assert!(matches!(spec.cvc_length, 3 | 4), "{brand:?}");
            for &len in spec.lengths {
                let groups = spec.grouping_for(usize::from(len));
                assert!(groups.iter().sum::<u8>() >= len, "{brand:?} {len}");
            }
        }
    }

    #[test]
    fn long_numbers_are_grouped_in_fours() {
        assert_eq!(Brand::Amex.spec().grouping_for(15), [4, 6, 5]);
        assert_eq!(Brand::Diners.spec().grouping_for(14), [4, 6, 4]);
        assert_eq!(Brand::Diners.spec().grouping_for(16), [4, 4, 4, 4, 3]);
        assert_eq!(Brand::Visa.spec().grouping_for(19), [4, 4, 4, 4, 3]);
    }
}
