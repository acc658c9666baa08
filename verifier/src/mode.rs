//! Test and live: two worlds with their own keys, ids and data.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which world a merchant, and all that belongs to it, lives in.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real cards.
    Live,
    /// Test cards, no money.
    Test,
}

impl Mode {
    /// Both modes.
    pub const ALL: [Self; 2] = [Self::Live, Self::Test];

    /// `live` or `test`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }

    /// The mode that an id names: `card_live_…`.
    pub fn of_id(id: &str) -> Self {
        match id.split('_').nth(1) {
            Some("live") => Self::Live,
            _ => Self::Test,
        }
    }

    /// `kind_live_` or `kind_test_`: how ids of this mode begin.
    pub fn id_prefix(self, kind: &str) -> String {
        format!("{kind}_{}_", self.as_str())
    }
}
