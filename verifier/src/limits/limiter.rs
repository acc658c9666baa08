//! One question, wherever the counts are.

use std::sync::Arc;

use super::{CallerKey, Limit, Rates, Standing, in_process::InProcess, shared::SharedCounts};
use crate::clock::{Clock, Timestamp};

/// Decides whether a request is answered.
pub struct Limiter {
    rates: Rates,
    /// All that is granted; or, where counts are shared, this verifier's share.
    own: InProcess,
    shared: Option<SharedCounts>,
}

impl Limiter {
    /// Counts in this process alone.
    pub fn in_process(rates: Rates, clock: &Arc<dyn Clock>) -> Self {
        Self {
            own: InProcess::new(rates.clone(), clock),
            rates,
            shared: None,
        }
    }

    /// Counts with other verifiers, so many with this one; while that cannot be done, this one grants its
    /// share.
    pub fn shared(
        rates: Rates,
        counts: SharedCounts,
        verifiers: u32,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let mut shares = rates.clone();
        for limit in Limit::ALL {
            shares.set(limit, rates.of(limit).share(verifiers));
        }
        Self {
            own: InProcess::new(shares, clock),
            rates,
            shared: Some(counts),
        }
    }

    /// Counts a request and says where its caller stands. Others are told of the caller by `pseudonym` alone.
    pub async fn admit(
        &self,
        limit: Limit,
        caller: CallerKey,
        now: Timestamp,
        pseudonym: impl FnOnce() -> [u8; 16],
    ) -> Standing {
        let standing = match &self.shared {
            None => self.own.admit(limit, caller),
            Some(shared) => {
                let rate = self.rates.of(limit);
                let together = shared.admit(limit, rate, pseudonym(), now).await;
                let by = if together.is_ok() { "all" } else { "share" };
                metrics::counter!("waxseal_limits_shared_total", "by" => by).increment(1);
                together.unwrap_or_else(|_| self.own.admit(limit, caller))
            }
        };
        if !standing.is_admitted {
            metrics::counter!("waxseal_rate_limited_total", "limit" => limit.name()).increment(1);
        }
        standing
    }
}
