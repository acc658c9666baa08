//! The protocol's test cards, arranged for people.

use waxseal_protocol::card::{Brand, TestCard};

/// The test numbers of one brand.
#[derive(Debug, Eq, PartialEq)]
pub struct BrandCards {
    /// The brand's name.
    pub name: &'static str,
    /// Its numbers.
    pub cards: Vec<ShownCard>,
}

/// One test number.
#[derive(Debug, Eq, PartialEq)]
pub struct ShownCard {
    /// All digits, for the clipboard.
    pub number: &'static str,
    /// In groups, as printed on a card.
    pub grouped: String,
    /// What is special about it beyond the brand's name.
    pub note: &'static str,
}

/// `cards`, in their order, under their brands.
pub fn by_brand(cards: &'static [TestCard]) -> Vec<BrandCards> {
    Brand::ALL
        .into_iter()
        .map(|brand| {
            let name = brand.spec().name;
            let cards = cards
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
        })
        .filter(|brand| !brand.cards.is_empty())
        .collect()
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
    use waxseal_protocol::card::TEST_CARDS;

    use super::*;

    #[test]
    fn every_number_is_shown_whole_under_its_brand() {
        let brands = by_brand(TEST_CARDS);
        let shown: usize = brands.iter().map(|brand| brand.cards.len()).sum();
        assert_eq!(shown, TEST_CARDS.len());
        for card in brands.iter().flat_map(|brand| &brand.cards) {
            assert_eq!(card.grouped.replace(' ', ""), card.number);
        }
        let amex = &brands[0].cards[0];
        assert_eq!(
            (amex.grouped.as_str(), amex.note),
            ("3782 822463 10005", "")
        );
    }
}
