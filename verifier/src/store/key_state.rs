//! The life of a key.

use serde::Serialize;
use utoipa::ToSchema;

/// Where a key stands.
///
/// ```text
/// pending ──> active ──> retired ──> destroyed
///    │           │           │            ^
///    └───────────┴───────────┴─> revoked ─┘
/// ```
///
/// Of a purpose and mode one key is active at a time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Used for what is new.
    Active,
    /// Wiped from the store; its row stays, to tell it from a key that never was.
    Destroyed,
    /// Made, and published if it has a public half, but not used yet.
    Pending,
    /// Not used for what is new; still reads what is old.
    Retired,
    /// Used for nothing any more, at once.
    Revoked,
}

impl KeyState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Destroyed,
        Self::Pending,
        Self::Retired,
        Self::Revoked,
    ];

    /// The name in the store and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Destroyed => "destroyed",
            Self::Pending => "pending",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether a key may go from this state to `next`.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Pending, Self::Active | Self::Revoked)
                | (Self::Active, Self::Retired | Self::Revoked)
                | (Self::Retired, Self::Destroyed | Self::Revoked)
                | (Self::Revoked, Self::Destroyed)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_comes_back() {
        for state in KeyState::ALL {
            assert_eq!(KeyState::parse(state.as_str()), Some(state));
            assert!(!state.may_become(state));
            assert!(!state.may_become(KeyState::Pending));
            assert!(!KeyState::Destroyed.may_become(state));
        }
        for state in [KeyState::Active, KeyState::Retired, KeyState::Revoked] {
            assert!(!state.may_become(KeyState::Active));
        }
        // What is used cannot be wiped: it has to be put out of use first.
        assert!(!KeyState::Active.may_become(KeyState::Destroyed));
    }
}
