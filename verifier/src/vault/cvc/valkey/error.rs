//! Why a Valkey is not trusted with CVCs.

use redis::{ErrorKind, RedisError};

/// What keeps CVCs out of a Valkey, in one line that says what to do.
#[derive(Debug)]
pub enum ValkeyError {
    /// The user or the password is wrong or missing.
    Denied(String),
    /// The address cannot be used.
    NoAddress,
    /// It writes to a disk.
    Persistent(String),
    /// It does not carry out a command.
    Refused(String),
    /// It does not tell whether it writes to a disk.
    Unchecked(String),
    /// It does not answer in time.
    Unreachable(String),
}

impl std::fmt::Display for ValkeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Denied(place) => write!(
                f,
                "cvc.url: Valkey at {place} does not accept the user or password of the url"
            ),
            Self::NoAddress => f.write_str("cvc.url: not an address of a Valkey"),
            Self::Persistent(place) => write!(
                f,
                "cvc.url: Valkey at {place} writes to a disk: set save \"\" and appendonly no"
            ),
            Self::Refused(place) => write!(
                f,
                "cvc.url: Valkey at {place} refuses a command: it has to be 6.0 or later, no replica, and allow GET, SET, TIME and scripts on waxseal:cvc:*"
            ),
            Self::Unchecked(place) => write!(
                f,
                "cvc.url: Valkey at {place} does not tell whether it writes to a disk: allow CONFIG GET"
            ),
            Self::Unreachable(place) => write!(
                f,
                "cvc.url: Valkey at {place} does not answer: start it, or leave cvc.url out"
            ),
        }
    }
}

impl std::error::Error for ValkeyError {}

impl ValkeyError {
    /// What the client's error means. Its own text is the server's, and is shown to nobody.
    pub(super) fn read(error: &RedisError, place: &str) -> Self {
        let place = place.to_owned();
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
                Self::Denied(place)
            }
            (ErrorKind::Server(_) | ErrorKind::Extension, _) => Self::Refused(place),
            _ => Self::Unreachable(place),
        }
    }
}
