//! The pure part of a decision: attributes, the rule language, device recognition, behaviour. No I/O, no clock, no random numbers of its own: what it needs is given to it.

pub mod attribute;
pub mod country;
mod decision;
pub mod device;
pub mod rules;

pub use decision::{Decision, Effect, Outcome, Reason};
