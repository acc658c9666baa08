//! A Valkey or Redis that several verifiers share: how it is reached, and what is said when it is not.

mod error;
mod link;
mod persistence;

use std::{fmt, time::Duration};

pub use error::ValkeyError;
pub(crate) use link::{Link, Unavailable};

/// What one part of the verifier uses its Valkey for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose {
    /// The option that names it, such as `cvc.url`.
    pub(crate) option: &'static str,
    /// What it has to allow: commands, and on which keys.
    pub(crate) needs: &'static str,
    /// Whether what it holds may get to a disk.
    pub(crate) may_persist: bool,
    /// How long one answer is waited for; a step as a whole, which may have to send its script first, twice
    /// that.
    pub(crate) patience: Duration,
    /// Logged when it answers again.
    pub(crate) available: &'static str,
    /// Logged when it does not answer any more.
    pub(crate) unavailable: &'static str,
}

/// Where a Valkey is, for an operator: the option that names it, host and port or path, no password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    option: &'static str,
    address: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: Valkey at {}", self.option, self.address)
    }
}
