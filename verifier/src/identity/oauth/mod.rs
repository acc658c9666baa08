//! OAuth 2.0 on the terms of RFC 9700: who may have an access token, and what one is good for.
//!
//! Merchants' servers get tokens for their own credentials, people's programs for a person's consent.
//! A program has no secret: its code is bound by PKCE (S256), its tokens by DPoP.

mod access_token;
mod authorization;
mod authorization_server;
mod check;
mod client;
mod client_assertion;
mod dpop;
mod error;
mod exchange;
mod handle;
mod issue;
mod metadata;
mod parameters;
mod pkce;
mod redeem;
mod redirect_uri;
mod refresh;
mod revoke;
mod scope_request;
mod token_cache;

pub use access_token::{AccessToken, Confirmation, NewAccessToken};
pub use authorization::{AuthorizationRequest, NotAnswered, Unanswerable};
pub use authorization_server::AuthorizationServer;
pub use check::{Granted, Presented, Scheme, TokenRefused};
pub use client::{Authenticated, Certificate, Credentials, as_registered};
pub(in crate::identity) use client_assertion::{LEAST_RSA_BITS, bits as rsa_bits};
pub use dpop::{Proof, ProofError, ProofOf};
pub use error::{OAuthError, OAuthFailure, Refusal};
pub use handle::Handle;
pub use issue::TokenAnswer;
pub use metadata::Metadata;
pub use parameters::Parameters;
pub use redeem::Redemption;
pub use redirect_uri::parse_redirect_uri;
pub use refresh::Renewal;
