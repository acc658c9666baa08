//! A small shop with its own backend: the example of how a merchant uses Waxseal.
//!
//! The parts to copy are [`verifier`] (what a backend asks of the verifier), [`checkout`] (how an
//! order and its session stay in agreement), [`shopper`] (how the backend knows whose order it is),
//! [`headers`] (a strict Content Security Policy) and `assets/checkout.js` (how a page mounts the
//! card frame). The part not to copy is [`wire`] with the panel "what each party sees": it is there
//! to look behind the scenes.

pub mod app;
pub mod basket;
pub mod catalog;
pub mod check;
pub mod checkout;
pub mod cli;
pub mod country;
pub mod error;
pub mod guard;
pub mod headers;
pub mod http_client;
pub mod money;
pub mod order;
pub mod rng;
pub mod router;
mod routes;
pub mod sdk_manifest;
pub mod serve;
pub mod shopper;
pub mod test_cards;
pub mod tls;
pub mod verifier;
pub mod wire;
