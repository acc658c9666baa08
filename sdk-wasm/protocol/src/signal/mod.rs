//! Signals: what is measured of the device and of the typing, each with its type and its purpose.
//!
//! This module is the contract; the browser measures in a module of its own, one file per signal.

mod fields;
mod kind;
mod name;
mod privacy;
mod reading;
mod record;
mod signals;
mod value;

pub use fields::FieldInput;
pub use kind::Kind;
pub use name::{Group, SignalName};
pub use privacy::PrivacyMode;
pub use reading::{Outcome, Reading};
pub use record::{DataClass, reference};
pub use signals::Signals;
pub use value::{KeyTiming, PasteCounts, Screen, SignalValue};
