//! Waxseal's browser module.
//!
//! It runs inside the hosted frame, on the verifier's origin, never in the merchant's page. What
//! needs no browser (formatting, the state of the form, the rhythm of typing) is compiled and tested
//! natively too; the rest exists for wasm32 only.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod bridge;
#[cfg(target_arch = "wasm32")]
pub mod exports;
pub mod frame;
#[cfg(target_arch = "wasm32")]
mod object;
pub mod signals;
