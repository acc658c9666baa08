//! Counts in this process's memory.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use governor::{RateLimiter, clock, middleware::StateInformationMiddleware};

use super::{CallerKey, Limit, Rates, Standing, generations::Generations, rate::Rate};
use crate::clock::Clock;

/// Callers of one limit that a generation holds; some 25 bytes each.
const MOST_CALLERS: usize = 1 << 16;

pub(super) struct InProcess {
    rates: Rates,
    limiters: [Option<Counter>; Limit::ALL.len()],
}

type Counter = RateLimiter<CallerKey, Generations, AppClock, StateInformationMiddleware>;

impl InProcess {
    pub(super) fn new(rates: Rates, clock: &Arc<dyn Clock>) -> Self {
        let limiters = Limit::ALL.map(|limit| counter(rates.of(limit), clock));
        Self { rates, limiters }
    }

    pub(super) fn admit(&self, limit: Limit, caller: CallerKey) -> Standing {
        let rate = self.rates.of(limit);
        // No rate is without a counter: none has a period or a quota of zero.
        let Some(counter) = &self.limiters[limit.place()] else {
            return Standing::refused(limit, rate, rate.period_us());
        };
        match counter.check_key(&caller) {
            Ok(state) => Standing::admitted(limit, rate, state.remaining_burst_capacity()),
            Err(refused) => {
                let wait = refused.wait_time_from(clock::Clock::now(counter.clock()));
                let wait_us = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
                Standing::refused(limit, rate, wait_us)
            }
        }
    }
}

fn counter(rate: Rate, clock: &Arc<dyn Clock>) -> Option<Counter> {
    let generations = Generations::new(rate, MOST_CALLERS, Arc::clone(clock));
    let counter = RateLimiter::new(rate.governor()?, generations, AppClock::default());
    // Only now: it counts from the clock's first reading, behind which a clock that is set back would stand
    // still for it.
    counter.clock().0.get_or_init(|| Arc::clone(clock));
    Some(counter)
}

/// The verifier's clock; the epoch until it has one.
#[derive(Default)]
struct AppClock(OnceLock<Arc<dyn Clock>>);

impl clock::Clock for AppClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let millis = self.0.get().map_or(0, |clock| clock.now().millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{MockClock, Timestamp};

    const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn scene(rate: Rate) -> (Arc<MockClock>, InProcess) {
        let clock = Arc::new(MockClock::new(START));
        let mut rates = Rates::default();
        rates.set(Limit::Card, rate);
        let limits = InProcess::new(rates, &(Arc::clone(&clock) as Arc<dyn Clock>));
        (clock, limits)
    }

    fn caller(number: u32) -> CallerKey {
        CallerKey::of_address(std::net::Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn of_requests_in_one_instant_21_are_answered_and_then_one_each_100_ms() {
        let (clock, limits) = scene(Rate::per_second(10, 20));
        let admit = || limits.admit(Limit::Card, caller(1));
        for remaining in (0..21).rev() {
            let standing = admit();
            assert_eq!(
                (standing.is_admitted, standing.remaining),
                (true, remaining)
            );
        }
        let refused = admit();
        assert_eq!(
            (refused.is_admitted, refused.remaining, refused.reset_s),
            (false, 0, 1)
        );
        clock.advance_millis(99);
        assert!(!admit().is_admitted);
        clock.advance_millis(1);
        assert!(admit().is_admitted && !admit().is_admitted);
        assert!(
            limits.admit(Limit::Card, caller(2)).is_admitted,
            "another caller"
        );
        assert!(
            limits.admit(Limit::Session, caller(1)).is_admitted,
            "another limit"
        );
        clock.advance_millis(2100);
        assert_eq!((0..30).filter(|_| admit().is_admitted).count(), 21);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (clock, limits) = scene(Rate::per_second(10, 20));
        let admitted = || {
            (0..30)
                .filter(|_| limits.admit(Limit::Card, caller(1)).is_admitted)
                .count()
        };
        assert_eq!(admitted(), 21);
        clock.advance_millis(-86_400_000);
        assert_eq!(admitted(), 21);
        clock.advance_millis(100);
        assert_eq!(admitted(), 1);
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_one_and_the_rate_over_any_span(
            per_s in 1_u32..2000,
            burst in 0_u32..50,
            pauses in prop::collection::vec((0_i64..400, 1_usize..60), 1..40),
        ) {
            let (clock, limits) = scene(Rate::per_second(per_s, burst));
            // Instants, each with how many requests were answered until then.
            let mut answered = vec![(0, 0)];
            let mut now_ms = 0;
            for (pause_ms, requests) in pauses {
                clock.advance_millis(pause_ms);
                now_ms += pause_ms;
                let mut count = answered[answered.len() - 1].1;
                for number in 0..requests {
                    // Others' requests between theirs count for nobody else.
                    limits.admit(Limit::Card, caller(2 + u32::try_from(number % 7).unwrap()));
                    count += i64::from(limits.admit(Limit::Card, caller(1)).is_admitted);
                }
                answered.push((now_ms, count));
            }
            for (at, (_, before)) in answered.iter().enumerate() {
                let Some((from_ms, _)) = answered.get(at + 1) else { break };
                for (to_ms, until) in &answered[at + 1..] {
                    let most = i64::from(burst) + 1 + i64::from(per_s) * (to_ms - from_ms) / 1000;
                    let count = until - before;
                    prop_assert!(count <= most, "{count} within {} ms", to_ms - from_ms);
                }
            }
        }
    }
}
