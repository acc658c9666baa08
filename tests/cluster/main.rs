//! What PostgreSQL alone can do to a verifier: others beside it, a server that goes away. Each test has a
//! server of its own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod audit;
mod nodes;
mod outage;
mod schema;
mod server;
mod traces;
