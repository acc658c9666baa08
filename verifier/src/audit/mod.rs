//! What makes the audit tamper-evident beyond its chains: signed roots over their heads, and the verification of both.
//! See AUDIT.md.

mod fault;
mod merkle;
mod root;
mod verify;

pub use fault::Fault;
pub use root::{RootFile, RootKeys, make_root};
pub use verify::{Report, Witnesses, verify};
