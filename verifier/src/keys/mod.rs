//! The keyring: what each key is for, where it lies, and how an envelope is opened.
//!
//! One key-encryption key (KEK) lies in a key file; every other key lies in the store, wrapped by it.

mod encryptions;
mod hpke;
#[cfg(test)]
mod hpke_tests;
mod kek;
mod keyring;
mod rotation;
mod sealing;
mod shared;
mod wrap;

pub use kek::{Kek, KekError, KekSource, Pkcs11Key};
pub use keyring::{Keyring, KeyringError, ModeKeys};
pub(crate) use rotation::activate_fingerprint_roots;
pub use rotation::{Policy, RotationError, change_state, keep_up, rewrap, rotate};
pub use sealing::{OpenError, SealingKeyPair};
pub use shared::SharedKeyring;
pub use wrap::Purpose;
