//! What the tests share: a whole verifier in process, with a clock that a test moves and random
//! numbers that repeat, and a browser's side that really seals.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

mod answer;
mod cards;
mod checkout;
mod database;
mod seeded;
mod staff;
mod verifier;

pub use answer::Answer;
pub use cards::{AMEX, MASTERCARD, VISA, card, sealed};
pub use checkout::{Checkout, Shop, get};
pub use database::Database;
pub use seeded::SeededRng;
pub use staff::Staff;
pub use verifier::{PUBLIC_ORIGIN, TestVerifier, Tweak};
