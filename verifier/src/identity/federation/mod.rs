//! People who sign in elsewhere: at an issuer of OpenID Connect, found by its discovery, trusted for no more
//! than who somebody is. Whose account that is and what they may do is known here alone.

mod exchange;
mod id_token;
mod issuer_keys;
mod metadata;
mod provider;
mod sign_in;

pub use provider::{IdentityProvider, IdentityProviders, ProviderSettings};
pub use sign_in::{Asking, Departure, FederationFailure, take_pending};
