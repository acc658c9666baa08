//! What the shop sells.

use serde::{Deserialize, Serialize};

use crate::money::Cents;

/// A product in the catalogue. Prices live here alone: none is ever read from a browser.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Sticks of sealing wax.
    Wax,
    /// Cotton paper with envelopes.
    Paper,
    /// A brass seal.
    Seal,
    /// A writing desk: two of them bring an order near the risk rules' hourly limit.
    Desk,
}

impl Product {
    /// Every product, in the order the shop shows them.
    pub const ALL: [Self; 4] = [Self::Wax, Self::Paper, Self::Seal, Self::Desk];

    /// The product with this name in forms.
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.slug() == slug)
    }

    /// Name in forms and file names.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Wax => "wax",
            Self::Paper => "paper",
            Self::Seal => "seal",
            Self::Desk => "desk",
        }
    }

    /// Name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wax => "Sealing wax, four sticks",
            Self::Paper => "Cotton paper and envelopes",
            Self::Seal => "Brass seal, one letter",
            Self::Desk => "Walnut writing desk",
        }
    }

    /// One sentence about it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Wax => "Hard, glossy and deep red. Four sticks close about sixty letters.",
            Self::Paper => "Forty sheets of 160 g cotton paper, twenty lined envelopes.",
            Self::Seal => "Cut by hand into solid brass, with a turned cherry handle.",
            Self::Desk => "A sloped top, three drawers, and one more that is hard to find.",
        }
    }

    /// Price of one.
    pub const fn price(self) -> Cents {
        match self {
            Self::Wax => Cents::new(14_50),
            Self::Paper => Cents::new(32_00),
            Self::Seal => Cents::new(48_00),
            Self::Desk => Cents::new(245_000),
        }
    }
}
