//! CVCs between an accepted submission and its authorisation.
//!
//! ```text
//! held ──take──> in use ──consume──> consumed
//!   ^              │
//!   └──put back────┘        any of them ──15 minutes──> expired
//! ```
//!
//! One authorisation attempt takes the code out; a technical failure of that attempt, such as a connection
//! that was refused, may put it back within [`PUT_BACK_S`]; any answer consumes it. What is consumed or
//! expired is wiped, and what remains until the deadline is the bare fact, so that nothing is held under
//! the same id again. A code is in memory, or encrypted in a Valkey that never has the key and keeps nothing
//! on a disk. It is in no table and in no file.

mod holder;
mod memory;
mod state;
mod valkey;

pub use holder::{CvcHolder, Surroundings};
pub use state::{HoldOutcome, PUT_BACK_S, Taken};
