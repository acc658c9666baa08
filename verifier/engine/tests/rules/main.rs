//! The rule language from outside: what it refuses and where, what it decides, and that nothing makes it slow or panic.

#![allow(
    clippy::format_collect,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod builtin;
mod card_testing;
mod decisions;
mod generated;
mod hostile;
mod mistakes;
mod page;
