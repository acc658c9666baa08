//! Who is calling, and what they may do.

mod client_token;
mod credentials;
mod names;
mod operator;
mod scope;
mod secret;

pub use client_token::{ClientToken, NewClientToken, TokenError};
pub use credentials::{
    Caller, NewClient, basic_credentials, check_secret, make_client, may_call_from, renew_secret,
};
pub use names::ServerRole;
pub use operator::{NewOperator, Operator, check_operator, make_operator};
pub use scope::{OperatorScope, Permission, Role, Scope, Scopes};
