//! The life of one held CVC.

use std::fmt;

use waxseal_protocol::card::Cvc;

use crate::clock::Timestamp;

/// Seconds from taking a CVC within which it may be put back: a connection that fails does so sooner.
pub const PUT_BACK_S: i64 = 60;

/// What became of a CVC that was to be held.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HoldOutcome {
    /// There is no room for another.
    Full,
    /// It waits for its authorisation.
    Held,
    /// The submission had one already, or is past its authorisation.
    Known,
    /// The holder does not answer.
    Unavailable,
}

impl HoldOutcome {
    /// The name in the metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Held => "held",
            Self::Known => "known",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A CVC in the hands of the one attempt that took it. Dropped, it is gone.
pub struct Taken {
    pub(super) submission: String,
    pub(super) attempt: String,
    pub(super) deadline: Timestamp,
    pub(super) cvc: Cvc,
}

impl Taken {
    // EXPOSE: for the one authorisation.
    /// The code.
    pub const fn cvc(&self) -> &Cvc {
        &self.cvc
    }
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Taken(redacted)")
    }
}

/// What the holder knows of a submission's CVC. Past the deadline nothing but the deadline.
pub(super) struct Entry {
    deadline: Timestamp,
    state: State,
}

enum State {
    Consumed,
    Expired,
    Held(Cvc),
    InUse { attempt: String, until: Timestamp },
}

impl Entry {
    pub(super) const fn held(cvc: Cvc, deadline: Timestamp) -> Self {
        Self {
            deadline,
            state: State::Held(cvc),
        }
    }

    /// For a submission of which nothing is held yet: nothing will be.
    pub(super) const fn consumed(deadline: Timestamp) -> Self {
        Self {
            deadline,
            state: State::Consumed,
        }
    }

    /// Held becomes in use.
    pub(super) fn take(
        &mut self,
        submission: &str,
        attempt: &str,
        now: Timestamp,
    ) -> Option<Taken> {
        self.expire(now);
        if !matches!(self.state, State::Held(_)) {
            return None;
        }
        let in_use = State::InUse {
            attempt: attempt.to_owned(),
            until: now.plus_seconds(PUT_BACK_S),
        };
        match std::mem::replace(&mut self.state, in_use) {
            State::Held(cvc) => Some(Taken {
                submission: submission.to_owned(),
                attempt: attempt.to_owned(),
                deadline: self.deadline,
                cvc,
            }),
            _ => None,
        }
    }

    /// In use by that attempt, and not for too long, becomes held; gives whether it did.
    pub(super) fn put_back(&mut self, taken: Taken, now: Timestamp) -> bool {
        self.expire(now);
        let is_its_own = match &self.state {
            State::InUse { attempt, until } => {
                *attempt == taken.attempt && self.deadline == taken.deadline && now < *until
            }
            _ => false,
        };
        if is_its_own {
            self.state = State::Held(taken.cvc);
        }
        is_its_own
    }

    /// Whatever it was, it is wiped.
    pub(super) fn consume(&mut self, now: Timestamp) {
        self.state = State::Consumed;
        self.expire(now);
    }

    /// Wipes what is past its deadline; gives whether it is. A clock that is set back does not undo it.
    pub(super) fn expire(&mut self, now: Timestamp) -> bool {
        if self.deadline <= now {
            self.state = State::Expired;
        }
        matches!(self.state, State::Expired)
    }
}
