//! Waxseal's browser module.
//!
//! It runs inside the hosted frame, on the verifier's origin, never in the merchant's page.

pub mod frame;
