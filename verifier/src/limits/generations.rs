//! When each caller's next request is due, of a bounded number of callers.
//!
//! Two generations: what is written goes into the young one, what is read is looked for in both. After the time
//! in which any caller would have its whole quota again the young one becomes the old one, and what was the
//! old one is dropped: everything in it says no more than nothing does. A young one that is full becomes
//! the old one before its time; then callers may be forgotten who still had something to wait for, at most
//! once in as many requests of other callers as a generation holds.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use governor::{nanos::Nanos, state::StateStore};

use super::{CallerKey, Rate};
use crate::clock::{Clock, Timestamp};

const SHARDS: usize = 16;

pub(super) struct Generations {
    clock: Arc<dyn Clock>,
    window_ms: i64,
    most_each: usize,
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

struct Shard {
    since: Timestamp,
    young: HashMap<CallerKey, Nanos>,
    old: HashMap<CallerKey, Nanos>,
}

impl Generations {
    /// For counting against `rate`; a generation holds some `most` callers.
    pub(super) fn new(rate: Rate, most: usize, clock: Arc<dyn Clock>) -> Self {
        let since = clock.now();
        let window_ms = i64::try_from(rate.window_us().div_ceil(1000)).unwrap_or(i64::MAX);
        Self {
            clock,
            window_ms,
            most_each: most.div_ceil(SHARDS),
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::new(since))).collect(),
        }
    }
}

impl StateStore for Generations {
    type Key = CallerKey;

    fn measure_and_replace<T, F, E>(&self, key: &CallerKey, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let now = self.clock.now();
        // Which shard cannot be foreseen from outside.
        let hash = self.hasher.hash_one(key);
        let shard = &self.shards[usize::from(hash.to_le_bytes()[0]) % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.age(now, self.window_ms);
        let (answer, next) = decide(shard.find(key))?;
        shard.keep(*key, next, now, self.most_each);
        Ok(answer)
    }
}

impl Shard {
    fn new(since: Timestamp) -> Self {
        Self {
            since,
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }

    fn find(&self, key: &CallerKey) -> Option<Nanos> {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }

    fn keep(&mut self, key: CallerKey, next: Nanos, now: Timestamp, most: usize) {
        if self.young.len() >= most && !self.young.contains_key(&key) {
            metrics::counter!("waxseal_limits_full_total").increment(1);
            self.turn(now);
        }
        self.young.insert(key, next);
    }

    fn age(&mut self, now: Timestamp, window_ms: i64) {
        let age_ms = now.millis().saturating_sub(self.since.millis());
        if age_ms < 0 || age_ms >= window_ms.saturating_mul(2) {
            // All of it is old; or the clock was set back, and what was due then says nothing now.
            self.old.clear();
            self.young.clear();
            self.since = now;
        } else if age_ms >= window_ms {
            self.turn(now);
        }
    }

    fn turn(&mut self, now: Timestamp) {
        mem::swap(&mut self.young, &mut self.old);
        self.young.clear();
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::MockClock;

    fn key(number: u32) -> CallerKey {
        CallerKey::of_address(std::net::Ipv4Addr::from_bits(number).into())
    }

    fn held(generations: &Generations) -> usize {
        let count = |shard: &Mutex<Shard>| {
            let shard = shard.lock().unwrap();
            shard.young.len() + shard.old.len()
        };
        generations.shards.iter().map(count).sum()
    }

    fn put(generations: &Generations, number: u32, due: u64) -> Option<Nanos> {
        generations
            .measure_and_replace(&key(number), |known| Ok::<_, ()>((known, Nanos::from(due))))
            .unwrap()
    }

    fn scene(most: usize) -> (Arc<MockClock>, Generations) {
        let clock = Arc::new(MockClock::new(Timestamp::from_millis(1_795_000_000_000)));
        let rate = Rate::per_second(10, 20);
        let generations = Generations::new(rate, most, Arc::clone(&clock) as Arc<dyn Clock>);
        (clock, generations)
    }

    #[test]
    fn a_million_callers_take_the_room_of_two_generations() {
        let (_, generations) = scene(1600);
        for number in 0..1_000_000 {
            put(&generations, number, 1);
        }
        assert!(
            (1600..=3200).contains(&held(&generations)),
            "{}",
            held(&generations)
        );
    }

    #[test]
    fn what_is_stale_is_dropped_and_nothing_else() {
        let (clock, generations) = scene(16_000);
        for number in 0..1000 {
            put(&generations, number, 1);
        }
        clock.advance_millis(2099);
        put(&generations, 5, 2);
        clock.advance_millis(2099);
        assert_eq!(
            put(&generations, 5, 3),
            Some(Nanos::from(2)),
            "written one window ago at most"
        );
        for number in 0..1000 {
            put(&generations, number, 4);
        }
        clock.advance_millis(4200);
        for number in 0..1000 {
            assert_eq!(put(&generations, number, 5), None);
        }
        assert_eq!(held(&generations), 1000);
    }

    #[test]
    fn a_clock_that_is_set_back_forgets_what_was_due_by_it() {
        let (clock, generations) = scene(16_000);
        put(&generations, 1, 1);
        clock.advance_millis(-3_600_000);
        assert_eq!(put(&generations, 1, 2), None);
        assert_eq!(put(&generations, 1, 3), Some(Nanos::from(2)));
    }

    proptest! {
        #[test]
        fn nothing_is_forgotten_within_its_window(
            steps in prop::collection::vec((0_i64..1500, 0_u32..6), 1..200),
        ) {
            let (clock, generations) = scene(16_000);
            let mut written: HashMap<u32, (i64, u64)> = HashMap::new();
            for (due, (pause_ms, number)) in (0..).zip(steps) {
                clock.advance_millis(pause_ms);
                let now = clock.now().millis();
                let known = put(&generations, number, due);
                if let Some((at, due)) = written.insert(number, (now, due))
                    && now - at < 2100
                {
                    prop_assert_eq!(known, Some(Nanos::from(due)));
                }
            }
        }
    }
}
