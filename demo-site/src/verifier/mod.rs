//! What a merchant's backend asks of the verifier, over its private listener.

mod client;
mod credentials;
mod message;

pub use client::{VerifierClient, VerifierError};
pub use credentials::{ClientSecret, Credentials, CredentialsError};
pub use message::{CardRecord, Decision, IssuedToken, NewSession, Reason, SessionRecord};
