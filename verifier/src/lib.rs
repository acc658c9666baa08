//! Waxseal's server: opens sealed cards, tokenizes, stores and risk-scores them.
//!
//! The library is what the `verifier` binary and the tests are made of; its interface is HTTP.

pub mod accounts;
pub mod alerts;
pub mod app;
pub mod assets;
pub mod audit;
pub mod challenge;
pub mod checkout;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(test)]
mod hex;
pub mod http;
pub mod identity;
pub mod interface;
pub mod keys;
pub mod labels;
mod lengths;
pub mod limits;
pub mod lists;
pub mod mode;
pub mod outbound;
pub mod pki;
pub mod records;
pub mod risk;
pub mod rng;
pub mod router;
mod routes;
pub mod rules;
pub mod scoring;
pub mod spans;
pub mod store;
mod stray;
pub mod telemetry;
pub mod tls;
pub mod upkeep;
pub mod valkey;
pub mod vault;
#[cfg(test)]
mod vectors;
pub mod velocity;
