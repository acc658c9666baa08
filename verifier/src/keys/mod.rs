//! The keyring: what each key is for, where it lies, and how an envelope is opened.
//!
//! One key-encryption key (KEK) lies in a key file; every other key lies in the store, wrapped by it.

mod hpke;
#[cfg(test)]
mod hpke_tests;
mod kek;
mod keyring;
mod sealing;
mod wrap;

pub use kek::{Kek, KekError};
pub use keyring::{Keyring, KeyringError, ModeKeys};
pub use sealing::{OpenError, SealingKeyPair, SealingState};
pub use wrap::Purpose;
