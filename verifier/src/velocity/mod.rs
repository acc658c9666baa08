//! How much came lately of one card, device, address, customer, email address, merchant or issuer: counts, sums, and
//! how many different cards.
//!
//! The truth is table `velocity_record`: a row for each decision, written in its transaction, so that what is counted is
//! what was decided, once each. Counts are made of the rows in memory, by every verifier for itself, and are read with
//! one look-up a key; a submission reads the rows that came since within its own transaction. A verifier that starts
//! reads all rows that still count. docs/velocity.md says what that means beside other verifiers.

mod attributes;
mod counters;
mod follow;
mod key;
mod seen;
mod series;

pub use attributes::fill;
pub use counters::{Counted, Counters, Found};
pub use follow::Velocity;
pub use key::{Keys, Kind};
