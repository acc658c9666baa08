//! What a trace tells of a request: one span for it, and one for each part that takes time.
//!
//! A request that is not traced has nothing here: the parts look whether there is a span to be in, and find none.

mod attribute;
mod current;
mod parent;
mod request;
mod store;

pub use current::{Span, child, within};
pub use request::{RequestSpan, Tracer, in_request};
pub use store::{Begun, StoreSpan, short_name, store};
