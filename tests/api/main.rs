//! The verifier's HTTP interface, in process, on a real database.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions that clippy knows as tests"
)]

mod alerts;
mod assessments;
mod audit;
mod auth;
mod certificates;
mod challenge;
mod client_secrets;
mod clients;
mod customers;
mod cvc;
mod devices;
mod documentation;
mod erase;
mod headers;
mod keys;
mod later_schema;
mod limits;
mod merchants;
mod metrics;
mod migration;
mod misfits;
mod oauth;
mod openapi;
mod operators;
mod purchase;
mod refusals;
mod reveal;
mod risk_records;
mod routes;
mod rules;
mod sessions;
mod signals;
mod storage;
mod tampering;
mod traces;
mod unproved;
mod velocity;
