//! Device recognition: whether a visit is by a device that was here before.
//!
//! A visit is a row of digests, one for each component of what the browser tells ([`Component`]): there is no one hash that
//! a single change would make another. Visits that share a blocking key are compared one by one: a component that agrees
//! speaks for the same device, the more the rarer its value is among the merchant's visits; one that differs speaks against
//! it, the less the more often it changes by itself (Fellegi and Sunter, "A Theory for Record Linkage", 1969). The result
//! is a verdict with its probability and its reasons, which never decides anything by itself.

mod component;
mod presented;
mod recognise;
mod sample;
mod visit;
mod weight;

pub use component::Component;
pub use presented::Presented;
pub use recognise::{Known, Recognition, Sign, Verdict, recognise};
pub use sample::Sample;
pub use visit::{Form, Visit};
