//! What makes the audit tamper-evident beyond its chains: signed roots over their heads, and the verification of both.
//! See AUDIT.md.

mod disk;
mod export;
mod fault;
mod lease;
mod merkle;
mod post;
mod prune;
mod root;
mod root_file;
mod verify;

pub use export::{ExportError, Exporter, text};
pub use fault::Fault;
pub use post::{RootNotPosted, post_roots};
pub use prune::prune;
pub use root::{RootKeys, make_root};
pub use root_file::RootFile;
pub use verify::{Report, Witnesses, verify};
