//! The keyring: what each key is for, where it lies, and how an envelope is opened.
//!
//! One key-encryption key (KEK) lies in a key file; every other key lies in the store, wrapped by it.

mod encryptions;
mod hpke;
#[cfg(test)]
mod hpke_tests;
mod jws;
mod kek;
mod keyring;
mod keyring_error;
mod occasion;
mod rewrap;
mod rotation;
mod schedule;
mod sealing;
mod shared;
mod token_key;
mod view;
mod wrap;

pub use jws::open_signed;
pub use kek::{Kek, KekError, KekSource, Pkcs11Key};
pub use keyring::{Keyring, ModeKeys};
pub use keyring_error::KeyringError;
pub use occasion::Occasion;
pub use rewrap::rewrap;
pub(crate) use rotation::activate_fingerprint_roots;
pub use rotation::{Policy, RotationError, change_state, rotate};
pub use schedule::keep_up;
pub use sealing::{OpenError, SealingKeyPair};
pub use shared::SharedKeyring;
pub use token_key::{TokenJwk, TokenJwks, TokenKey};
pub use view::KeyView;
pub use wrap::Purpose;
