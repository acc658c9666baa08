//! Who is calling, and what they may do.

mod client_token;
mod credentials;
mod names;
pub mod oauth;
mod operator;
pub mod people;
mod scope;
mod secret;

pub use client_token::{ClientToken, NewClientToken, TokenError};
pub use credentials::{
    Caller, NewClient, basic_credentials, check_secret, make_client, renew_secret,
};
pub use names::ServerRole;
pub use operator::{NewOperator, Operator, check_operator, make_operator};
pub use scope::{OperatorScope, Permission, Role, Scope, Scopes};
