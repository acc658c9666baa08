//! The demo shop's backend against a whole verifier.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

mod fixture;
mod orders;
mod tls;
