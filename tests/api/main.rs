//! The verifier's HTTP interface, in process, on a real database.

mod auth;
mod headers;
mod purchase;
mod refusals;
mod sessions;
mod storage;
mod velocity;
