//! Who is calling, and what they may do.

mod client_token;
mod credentials;
mod scope;

pub use client_token::{ClientToken, NewClientToken, TokenError};
pub use credentials::{Caller, NewClient, basic_credentials, check_secret, make_client};
pub use scope::{Scope, Scopes};
