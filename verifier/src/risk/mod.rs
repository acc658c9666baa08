//! The decision on a submission: attributes, then pure rules over them (crate `waxseal-engine`).

pub mod bin_country;
mod engine;
mod facts;
mod geo;
mod networks;

pub use engine::{BlockedNetworks, RULE_SET, assess};
pub use facts::{Facts, VELOCITY_LIMIT_USD_MICROS, VELOCITY_WINDOW_S};
pub use geo::{IpCountries, Located};
pub use networks::Networks;
pub use waxseal_engine::{Decision, Effect, Outcome, Reason, country};
