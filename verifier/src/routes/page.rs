//! How much of a list is asked for at once.

use serde::{Deserialize, de};

const DEFAULT: u32 = 20;
const MAX: u32 = 100;

/// Rows of a page: 1 to 100.
#[derive(Clone, Copy)]
pub(crate) struct PageLimit(u32);

impl PageLimit {
    /// How many.
    pub(crate) const fn rows(self) -> u32 {
        self.0
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<'de> Deserialize<'de> for PageLimit {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = u32::deserialize(deserializer)?;
        match (1..=MAX).contains(&rows) {
            true => Ok(Self(rows)),
            false => Err(de::Error::custom("out of range")),
        }
    }
}
