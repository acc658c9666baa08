//! How many requests, how soon after one another.

use std::{num::NonZeroU32, time::Duration};

const US_PER_S: u32 = 1_000_000;

/// One request a period, and `burst` more at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    period_us: u64,
    burst: u32,
}

impl Rate {
    /// `per_s` requests a second (1 to 1,000,000), rounded down to whole microseconds between two.
    pub const fn per_second(per_s: u32, burst: u32) -> Self {
        let per_s = if per_s == 0 { 1 } else { per_s };
        Self {
            period_us: US_PER_S.div_ceil(per_s) as u64,
            burst,
        }
    }

    /// With another burst.
    #[must_use]
    pub const fn with_burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }

    /// With another rate, and the same burst.
    #[must_use]
    pub const fn with_per_second(self, per_s: u32) -> Self {
        Self::per_second(per_s, self.burst)
    }

    /// What each of so many verifiers grants, so that together they grant no more than this; but each grants
    /// one request at a time.
    #[must_use]
    pub fn share(self, verifiers: u32) -> Self {
        let verifiers = verifiers.max(1);
        Self {
            period_us: self.period_us * u64::from(verifiers),
            burst: (self.quota() / verifiers).max(1) - 1,
        }
    }

    /// Requests that are answered in one instant.
    pub const fn quota(self) -> u32 {
        self.burst.saturating_add(1)
    }

    /// Microseconds that make room for one request.
    pub const fn period_us(self) -> u64 {
        self.period_us
    }

    /// Microseconds by which a request may come before its time.
    pub fn tolerance_us(self) -> u64 {
        self.period_us * u64::from(self.burst)
    }

    /// Microseconds after which whoever used it up has all of it again.
    pub fn window_us(self) -> u64 {
        self.period_us * u64::from(self.quota())
    }

    pub(super) fn governor(self) -> Option<governor::Quota> {
        let quota = NonZeroU32::new(self.quota())?;
        let period = Duration::from_micros(self.period_us);
        Some(governor::Quota::with_period(period)?.allow_burst(quota))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_together_are_no_more_than_the_whole() {
        let whole = Rate::per_second(10, 20);
        assert_eq!(
            (whole.period_us(), whole.quota(), whole.window_us()),
            (100_000, 21, 2_100_000)
        );
        for (verifiers, period_us, quota) in [
            (0, 100_000, 21),
            (1, 100_000, 21),
            (2, 200_000, 10),
            (4, 400_000, 5),
            (50, 5_000_000, 1),
        ] {
            let share = whole.share(verifiers);
            assert_eq!(
                (share.period_us(), share.quota()),
                (period_us, quota),
                "{verifiers}"
            );
        }
    }

    #[test]
    fn a_rate_that_does_not_divide_a_second_is_rounded_down() {
        assert_eq!(Rate::per_second(3, 0).period_us(), 333_334);
        assert_eq!(Rate::per_second(1_000_000, 0).period_us(), 1);
    }
}
