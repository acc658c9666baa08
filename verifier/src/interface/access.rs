//! Who may call a route.

use waxseal_protocol::ErrorCode;

use crate::identity::{OperatorScope, Permission, Scope};

/// Who may call a route, and what it takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Whoever can reach the listener.
    Anyone,
    /// The frame of one session, by its client token.
    Frame,
    /// An operator with this scope.
    Operator(OperatorScope),
    /// A merchant's server with this scope.
    Server(Scope),
}

/// A kind of caller. A handler that names the caller runs on routes of its kind alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallerKind {
    /// The frame.
    Frame,
    /// Who runs the verifier.
    Operator,
    /// A merchant's server.
    Server,
}

impl Access {
    /// The kind of caller that is let in; none where nobody is asked.
    pub const fn kind(self) -> Option<CallerKind> {
        match self {
            Self::Anyone => None,
            Self::Frame => Some(CallerKind::Frame),
            Self::Operator(_) => Some(CallerKind::Operator),
            Self::Server(_) => Some(CallerKind::Server),
        }
    }

    /// The scope that the caller needs.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Self::Anyone => None,
            Self::Frame => Some("card:seal"),
            Self::Operator(scope) => Some(scope.name()),
            Self::Server(scope) => Some(scope.name()),
        }
    }

    /// How a caller is refused who is another or may not.
    pub(super) const fn refusals(self) -> &'static [ErrorCode] {
        match self {
            Self::Anyone => &[],
            Self::Frame => &[ErrorCode::ClientTokenExpired, ErrorCode::ClientTokenInvalid],
            Self::Operator(_) | Self::Server(_) => {
                &[ErrorCode::Forbidden, ErrorCode::Unauthenticated]
            }
        }
    }
}
