//! The HTTP interface as data: what a route is, who may call it, and the OpenAPI document that is made of
//! all of them.
//!
//! A handler's types say what a request has and what an answer is; the document is read off them, so that
//! the two cannot differ.

mod access;
mod answer;
mod document;
mod endpoint;
mod part;
mod route;
mod sketch;

pub use access::{Access, CallerKind};
pub use answer::{Answer, Created, File, NoContent, PlainText, Written};
pub use document::Document;
pub use part::Part;
pub use route::{About, Listener, Route, delete, get, patch, post};
pub use sketch::{Sketch, json_of};
