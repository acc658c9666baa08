//! Where a caller stands after a request.

use super::{Limit, Rate};

const US_PER_S: u64 = 1_000_000;

/// What a limit says of one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The limit.
    pub limit: Limit,
    /// Requests that are answered in one instant.
    pub quota: u32,
    /// Seconds, rounded up, in which whoever used all of it has all of it again.
    pub window_s: u64,
    /// Requests that would still be answered now.
    pub remaining: u32,
    /// Seconds, rounded up, after which the quota is whole again; after a refusal, after which one request is
    /// answered.
    pub reset_s: u64,
    /// Whether this request is answered.
    pub is_admitted: bool,
}

impl Standing {
    pub(super) fn admitted(limit: Limit, rate: Rate, remaining: u32) -> Self {
        let used = rate.quota().saturating_sub(remaining);
        Self {
            remaining,
            reset_s: (rate.period_us() * u64::from(used)).div_ceil(US_PER_S),
            is_admitted: true,
            ..Self::none_left(limit, rate)
        }
    }

    pub(super) fn refused(limit: Limit, rate: Rate, wait_us: u64) -> Self {
        Self {
            reset_s: wait_us.div_ceil(US_PER_S).max(1),
            ..Self::none_left(limit, rate)
        }
    }

    fn none_left(limit: Limit, rate: Rate) -> Self {
        Self {
            limit,
            quota: rate.quota(),
            window_s: rate.window_us().div_ceil(US_PER_S),
            remaining: 0,
            reset_s: 0,
            is_admitted: false,
        }
    }
}
