//! What a person should look at: failed authentications that pile up, callers in unusual places, traffic that
//! is not as usual, certificates and keys that end.
//!
//! Requests leave observations in a bounded channel and go on; whatever does not fit is counted and forgotten. Each
//! second the running verifier adds what it has observed to the store, where several verifiers count together, and
//! asks the detectors, which are pure: what was seen, the rule and the time are their arguments.

mod baseline;
mod deliver;
mod error_share;
mod evaluate;
mod expiry;
mod failed_authentications;
mod failures;
mod impossible_travel;
mod keys;
mod new_country;
mod observation;
mod sightings;
mod tally;
mod traffic;
mod traffic_rate;
mod watch;
mod webhook;

pub use deliver::{deliver, keep_delivering};
pub use evaluate::{evaluate, keep, raise, raise_end, refresh_gauges};
pub use expiry::reached;
pub use keys::look_at_keys;
pub use observation::{Answered, CalledBy};
pub use watch::Watch;
pub use webhook::Webhook;

/// Every kind of alert, for metrics.
pub const KINDS: [&str; 10] = [
    "auth_failures",
    "certificate_ends",
    "error_share",
    "impossible_travel",
    "key_ends",
    "model_drift",
    "new_country",
    "reveals_of_all",
    "reveals_of_operator",
    "traffic_rate",
];
