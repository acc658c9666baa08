//! What every request and answer has in common.

mod body;
mod headers;
mod observe;
mod peer;
mod problem;
mod serve;

pub use body::StrictJson;
pub use headers::security_headers;
pub use observe::observe;
pub use peer::Peer;
pub use problem::{Problem, RequestId, method_not_allowed, not_found};
pub use serve::{ServeError, bind, serve};
