//! Signals: what is measured of the device and of the typing, each with its type and its purpose.
//!
//! This module is the contract; the browser measures in a module of its own, one file per signal.

mod name;
mod reading;
mod signals;
mod value;

pub use name::{Group, Kind, SignalName};
pub use reading::{Outcome, Reading};
pub use signals::Signals;
pub use value::{KeyTiming, PasteCounts, Screen, SignalValue};
