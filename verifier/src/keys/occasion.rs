//! When something is changed, and on whose word.

use crate::{clock::Timestamp, store::operator_requests::OperatorRequest};

/// Goes into the audit with the change.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// When.
    pub at: Timestamp,
    /// The operator who called; nobody for the command line and the schedule.
    pub operator_id: Option<String>,
    /// The call.
    pub request_id: Option<String>,
    /// What is made once for each idempotency key, if one came with the call.
    pub request: Option<OperatorRequest>,
}

impl From<Timestamp> for Occasion {
    fn from(at: Timestamp) -> Self {
        Self {
            at,
            operator_id: None,
            request_id: None,
            request: None,
        }
    }
}
