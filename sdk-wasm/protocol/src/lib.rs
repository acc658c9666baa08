//! What Waxseal's browser module and its verifier share.
//!
//! Pure Rust for native targets and wasm32: no I/O, no clock and no random number generator of its
//! own; the time and the generator are arguments.
#![cfg_attr(not(any(feature = "openapi", test)), no_std)]

extern crate alloc;

pub mod card;
pub mod error_code;
pub mod message;
pub mod object;
mod printable;
pub mod seal;
pub mod signal;

pub use error_code::{Actor, ErrorCode};
