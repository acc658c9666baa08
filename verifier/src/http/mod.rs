//! What every request and answer has in common.

mod body;
mod client_certificate;
mod connections;
mod form;
mod forwarded;
mod forwarded_elements;
mod headers;
mod idempotency;
mod limits;
mod misfit;
mod observe;
mod page;
mod path;
mod peer;
mod problem;
mod query;
mod serve;
mod tls_gate;

pub use body::StrictJson;
pub use client_certificate::ClientCertificate;
pub use connections::{CONSOLE_PLACES, Connections, open_file_places};
pub use form::FormBody;
pub use forwarded::forwarded_for;
pub use headers::security_headers;
pub use idempotency::{IdempotencyKey, MAX_IDEMPOTENCY_KEY, RequestDigests};
pub use limits::{Shoppers, Threshold, limit, limit_caller};
pub use misfit::{Misfit, MisfitReason};
pub use observe::{Observed, RefusedAs, observe};
pub use page::end_page;
pub use path::PathOf;
pub use peer::Peer;
pub use problem::{Details, Problem, RequestId, method_not_allowed, not_found};
pub use query::StrictQuery;
pub use serve::{ServeError, bind, serve};
