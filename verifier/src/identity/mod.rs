//! Who is calling, and what they may do.

mod argon2id;
mod client_secrets;
mod client_token;
mod credential_uses;
mod credentials;
pub mod federation;
mod names;
pub mod oauth;
mod operator;
pub mod people;
mod scope;
mod secret;

pub use client_secrets::{ClientSecrets, SecretError, renew_secret};
pub use client_token::{ClientToken, NewClientToken, TokenError};
pub use credential_uses::CredentialUses;
pub use credentials::{Caller, NewClient, basic_credentials, make_client};
pub use names::ServerRole;
pub use operator::{NewOperator, Operator, check_operator, make_operator};
pub use scope::{OperatorScope, Permission, Role, Scope, Scopes};
