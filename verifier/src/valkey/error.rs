//! Why a Valkey cannot be used.

use redis::{ErrorKind, RedisError};

use super::{Place, Purpose};

/// What keeps a Valkey from being used, in one line that says what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ValkeyError {
    /// The user or the password is wrong or missing.
    Denied(Place),
    /// The address that this option gives cannot be used.
    NoAddress(&'static str),
    /// It writes to a disk.
    Persistent(Place),
    /// It does not carry out a command; what it has to allow.
    Refused(Place, &'static str),
    /// It does not tell whether it writes to a disk.
    Unchecked(Place),
    /// It does not answer in time.
    Unreachable(Place),
}

impl std::fmt::Display for ValkeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Denied(place) => {
                write!(f, "{place} does not accept the user or password of the url")
            }
            Self::NoAddress(option) => write!(f, "{option}: not an address of a Valkey"),
            Self::Persistent(place) => {
                write!(
                    f,
                    "{place} writes to a disk: set save \"\" and appendonly no"
                )
            }
            Self::Refused(place, needs) => write!(
                f,
                "{place} refuses a command: it has to be 6.0 or later, no replica, and allow {needs}"
            ),
            Self::Unchecked(place) => write!(
                f,
                "{place} does not tell whether it writes to a disk: allow CONFIG GET"
            ),
            Self::Unreachable(place) => write!(
                f,
                "{place} does not answer: start it, or leave {} out",
                place.option
            ),
        }
    }
}

impl std::error::Error for ValkeyError {}

impl ValkeyError {
    /// What the client's error means. Its own text is the server's, and is shown to nobody.
    pub(super) fn read(error: &RedisError, place: &Place, purpose: &Purpose) -> Self {
        let place = place.clone();
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
                Self::Denied(place)
            }
            (ErrorKind::Server(_) | ErrorKind::Extension, _) => Self::Refused(place, purpose.needs),
            _ => Self::Unreachable(place),
        }
    }
}
