//! Attributes: what rules, models and snapshots know of a submission, by name and by number.

mod attributes;
mod compact;
mod decimal;
mod table;
mod value;

pub use attributes::Attributes;
pub use compact::Compact;
pub use decimal::Decimal;
pub use table::Attribute;
pub use value::{Type, Unit, Value};

use table::{Presence, ROWS, Row, Visibility};

impl Attribute {
    /// Its number in snapshots: no other attribute ever has it.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Its name in rules: a group and a name, `card.bin_country`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The type of its value.
    pub fn kind(self) -> Type {
        self.row().kind
    }

    /// What its number counts.
    pub fn unit(self) -> Unit {
        self.row().unit
    }

    /// One line on what it is.
    pub fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// Whether there may be no value.
    pub fn may_be_unknown(self) -> bool {
        self.row().presence == Presence::Maybe
    }

    /// Whether a merchant's server may read the value in a decision. What is hidden identifies a person, and the merchant
    /// may not have it.
    pub fn is_shown(self) -> bool {
        self.row().visibility == Visibility::Shown
    }

    /// The attribute with that number.
    pub fn of_number(number: u16) -> Option<Self> {
        let index = *INDEX_OF_NUMBER.get(usize::from(number))?;
        Self::ALL.get(usize::from(index)).copied()
    }

    /// The attribute with that name.
    pub fn of_name(name: &str) -> Option<Self> {
        let index = ROWS.iter().position(|row| row.name == name)?;
        Some(Self::ALL[index])
    }

    /// Its place in the table.
    pub(crate) const fn index(self) -> usize {
        INDEX_OF_NUMBER[self as usize] as usize
    }

    fn row(self) -> &'static Row {
        &ROWS[self.index()]
    }
}

/// Numbers end before this.
const NUMBERS: usize = 1024;

/// Place in the table of each number; beyond its end where no attribute has it.
static INDEX_OF_NUMBER: [u16; NUMBERS] = index_of_number();

const fn index_of_number() -> [u16; NUMBERS] {
    let mut places = [u16::MAX; NUMBERS];
    let mut index: u16 = 0;
    while (index as usize) < Attribute::ALL.len() {
        places[Attribute::ALL[index as usize] as usize] = index;
        index += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is released never changes.
    #[test]
    fn lines_are_as_they_were_pinned() {
        let lines: Vec<_> = Attribute::ALL
            .iter()
            .map(|attribute| {
                let (kind, unit) = (attribute.kind().as_str(), attribute.unit());
                format!(
                    "{} {} {kind} {unit:?}",
                    attribute.number(),
                    attribute.name()
                )
            })
            .collect();
        let pinned: Vec<_> = include_str!("pinned.txt").lines().collect();
        let changed: Vec<_> = pinned
            .iter()
            .filter(|line| !lines.iter().any(|l| l == *line))
            .collect();
        assert!(
            changed.is_empty(),
            "these were changed or taken away: {changed:#?}"
        );
        let new: Vec<_> = lines
            .iter()
            .filter(|line| !pinned.contains(&line.as_str()))
            .collect();
        assert!(new.is_empty(), "add to attribute/pinned.txt: {new:#?}");
    }

    #[test]
    fn numbers_ascend_and_names_are_each_one_s_own() {
        let mut names = std::collections::BTreeSet::new();
        for pair in Attribute::ALL.windows(2) {
            assert!(pair[0].number() < pair[1].number(), "{:?}", pair[1]);
        }
        for attribute in Attribute::ALL {
            assert!(names.insert(attribute.name()), "{attribute:?}");
            assert_eq!(Attribute::of_name(attribute.name()), Some(*attribute));
            assert_eq!(Attribute::of_number(attribute.number()), Some(*attribute));
            assert!(attribute.meaning().ends_with('.'), "{attribute:?}");
            let is_number = matches!(attribute.kind(), Type::Integer | Type::Decimal);
            assert!(is_number || attribute.unit() == Unit::None, "{attribute:?}");
            let mut parts = attribute.name().split('.');
            assert!(
                parts.clone().count() >= 2 && parts.all(is_word),
                "{attribute:?}"
            );
        }
        assert_eq!(Attribute::of_number(0), None);
        assert_eq!(Attribute::of_number(u16::MAX), None);
        assert_eq!(Attribute::of_name("ip"), None);
    }

    /// `a`, `a_b`, `a_1h`: what the rules' language reads as a name.
    fn is_word(part: &str) -> bool {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }
}
