//! The protocol's test cards, arranged for people.

use waxseal_protocol::card::{Brand, TEST_CARDS};

/// The test numbers of one brand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BrandCards {
    /// The brand's name.
    pub name: &'static str,
    /// Its numbers.
    pub cards: Vec<ShownCard>,
}

/// One test number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownCard {
    /// All digits, for the clipboard.
    pub number: &'static str,
    /// In groups, as printed on a card.
    pub grouped: String,
    /// What is special about it beyond the brand's name.
    pub note: &'static str,
}

/// The brands that most people look for, first.
const COMMON: [Brand; 4] = [Brand::Visa, Brand::Mastercard, Brand::Amex, Brand::Discover];

/// The test numbers of the most common brands, and those of all others.
pub fn common_and_other() -> (Vec<BrandCards>, Vec<BrandCards>) {
    let others = Brand::ALL
        .into_iter()
        .filter(|brand| !COMMON.contains(brand));
    (
        COMMON.into_iter().map(cards_of).collect(),
        others.map(cards_of).collect(),
    )
}

fn cards_of(brand: Brand) -> BrandCards {
    let name = brand.spec().name;
    let cards = TEST_CARDS
        .iter()
        .filter(|card| card.brand == brand)
        .map(|card| ShownCard {
            number: card.number,
            grouped: grouped(card.number, brand),
            note: card
                .note
                .strip_prefix(name)
                .unwrap_or(card.note)
                .trim_start_matches(", "),
        })
        .collect();
    BrandCards { name, cards }
}

fn grouped(number: &str, brand: Brand) -> String {
    let mut groups = Vec::new();
    let mut rest = number;
    for &digits in brand.spec().grouping_for(number.len()) {
        let (group, after) = rest.split_at(rest.len().min(digits.into()));
        groups.push(group);
        rest = after;
    }
    groups.retain(|group| !group.is_empty());
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_shown_whole_under_its_brand() {
        let (common, other) = common_and_other();
        let amex = &common[2].cards[0];
        assert_eq!(
            (amex.grouped.as_str(), amex.note),
            ("3782 822463 10005", "")
        );
        let brands = [common, other].concat();
        let shown: usize = brands.iter().map(|brand| brand.cards.len()).sum();
        assert_eq!(shown, TEST_CARDS.len());
        for card in brands.iter().flat_map(|brand| &brand.cards) {
            assert_eq!(card.grouped.replace(' ', ""), card.number);
        }
    }
}
