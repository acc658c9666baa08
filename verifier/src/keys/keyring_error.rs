//! What can be wrong with the keyring.

use super::{KekError, Purpose};
use crate::{mode::Mode, store::StoreError};

/// The keyring cannot be made or read, in one line.
#[derive(Debug)]
pub enum KeyringError {
    /// The key that wraps all others could not be used, such as when its module is gone.
    Kek(KekError),
    /// A stored key was not wrapped by this key file, or was changed.
    NotOurs,
    /// A key is missing.
    Missing(Purpose, Mode),
    /// The random number generator failed.
    Rng,
    /// The store failed.
    Store(StoreError),
}

impl std::fmt::Display for KeyringError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kek(error) => write!(f, "wrapping a key: {error}"),
            Self::Missing(purpose, mode) => {
                write!(
                    f,
                    "the store has no active {} key for {} mode: run `verifier init`, which makes what an upgrade needs",
                    purpose.as_str(),
                    mode.as_str()
                )
            }
            Self::NotOurs => f.write_str(
                "the store's keys were not wrapped by this key file: use the one made with this database",
            ),
            Self::Rng => f.write_str("the random number generator failed"),
            Self::Store(error) => write!(f, "store: {error}"),
        }
    }
}

impl std::error::Error for KeyringError {}

impl From<StoreError> for KeyringError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
