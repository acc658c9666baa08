//! What the tests share: a whole verifier in process, with a clock that a test moves and random
//! numbers that repeat, and a browser's side that really seals.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that fails is a failed test"
)]

mod answer;
mod browser;
mod cards;
mod chance;
mod checkout;
mod collector;
mod database;
mod dialect;
mod dpop;
mod encodings;
mod engine;
mod installation;
mod limits;
mod memory;
mod mmdb;
mod person;
mod pki;
mod sealer;
mod search;
mod seeded;
mod staff;
mod traces;
mod valkey;
mod verifier;

pub use answer::Answer;
pub use browser::{Browser, Consent, form_encoded, query_of};
pub use cards::{AMEX, MASTERCARD, VISA, card, sealed};
pub use chance::{Codes, excess};
pub use checkout::{Checkout, Shop, get};
pub use collector::{Collector, attributes};
pub use database::Database;
pub use dpop::DpopKey;
pub use encodings::{Needle, cvc_forms, pan_encodings};
pub use engine::Engine;
pub use installation::{Installation, ORIGIN, Running, verifier_binary, with_input};
pub use limits::{lift_limits, lifted_limits};
pub use memory::process_memory;
pub use mmdb::mmdb;
pub use person::{PASSWORD, Person, Program};
pub use pki::{FixedTime, TestPki};
pub use sealer::{Sealer, visa};
pub use search::{Hit, Search, folder_files};
pub use seeded::SeededRng;
pub use staff::Staff;
pub use traces::{AT_MOST, PURCHASES, Planted, Traces, assert_folders_clean};
pub use valkey::ValkeyServer;
pub use verifier::{CONSOLE_ORIGIN, PUBLIC_ORIGIN, TestVerifier, Tweak, write_assets};
