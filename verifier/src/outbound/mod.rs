//! The one HTTP client by which the verifier calls out.
//!
//! Whoever may name a URL (an operator, a merchant, an issuer's metadata) may not thereby reach what stands
//! beside the verifier. So a call goes by HTTPS, to an address that was checked when the connection was made
//! to it; it follows no redirect, asks no proxy, and is bounded in time and in size of answer.

mod address;
mod client;
#[cfg(test)]
mod client_tests;
mod connect;
mod destination;
mod error;
mod resolve;
mod roots;

pub use client::{Answer, Bounds, Call, Outbound};
pub use destination::Destination;
pub use error::{CallError, OutboundError};
pub use resolve::{Resolve, Resolving};
