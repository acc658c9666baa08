//! Who is shopping: a server-side session under a random id in an `HttpOnly` cookie.
//!
//! The backend finds the order through this session alone. No request carries an order's or a
//! verifier session's id, so there is none to forge.

mod cookie;
mod file;
mod registry;

pub use cookie::SessionCookie;
pub use registry::{Handle, Registry};
