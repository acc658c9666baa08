//! Attacks that have to fail, each against the running program: see README.md beside this file.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod canary;
mod cross_site;
mod echo;
mod framing;
mod interface;
mod sign_in;
mod strangers;
mod target;
mod texts;
mod tokens;
mod wire;
