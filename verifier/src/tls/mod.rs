//! TLS 1.3 on a listener: what its files hold, and how they are read again while it runs.

mod certificate;
mod files;
mod listener;
mod provider;
mod refusals;
mod revocation_lists;

pub use certificate::CertificateFacts;
pub use files::TlsError;
pub use listener::{Dated, ListenerTls, ListenersTls};
pub(crate) use provider::ClockTime;
pub use refusals::{Refusals, Refused};
