//! When a key is changed, and on whose word.

use crate::clock::Timestamp;

/// Goes into the audit with the change.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// When.
    pub at: Timestamp,
    /// The operator who called; nobody for the command line and the schedule.
    pub operator_id: Option<String>,
    /// The call.
    pub request_id: Option<String>,
}

impl From<Timestamp> for Occasion {
    fn from(at: Timestamp) -> Self {
        Self {
            at,
            operator_id: None,
            request_id: None,
        }
    }
}
