//! The verifier behind a real socket: what a slow, large or malformed sender gets.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions that clippy knows as tests"
)]

mod audit;
mod command;
mod crowding;
mod cvc;
mod doctor;
mod documentation;
mod flood;
mod hostile;
mod hsm;
mod limits;
mod logged;
mod migration;
mod model;
mod operators;
mod restore;
mod runbooks;
mod scene;
mod server;
mod tls;
mod traces;
mod users;
