//! The counts of every key, in memory.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{
    Keys, Kind,
    seen::{CARD_WINDOWS, Cards},
    series::{Series, WINDOWS_S, Windows},
};

/// Below this amount, in millionths of a US dollar, a session is small: what stolen numbers are tried out with.
pub(super) const SMALL_USD_MICROS: i64 = 5_000_000;

/// Parts that are swept one after the other.
const SHARDS: usize = 64;
/// Nothing asks for more than 30 days of sessions.
const KEEP_S: u32 = WINDOWS_S[5];
/// Nor for more than an hour of small amounts and rejections.
const BURSTS_S: u32 = WINDOWS_S[2];

/// One decision, as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// What it has in common with others.
    pub keys: Keys,
    /// Seconds since 1970.
    pub at_s: u32,
    /// Millionths of a US dollar; `None` where the currency has no rate.
    pub usd_micros: Option<i64>,
    /// Whether it was rejected: then it is no session of any count or sum.
    pub is_rejected: bool,
}

/// What is known of one key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Found {
    /// Sessions that were not rejected.
    pub sessions: Windows,
    /// Different cards within an hour and within a day, rejected ones too.
    pub cards: [u32; CARD_WINDOWS.len()],
    /// Small sessions within ten minutes.
    pub small_10m: u32,
    /// Rejections within an hour.
    pub rejected_1h: u32,
}

/// Of one key: 32 bytes, and what it points to.
#[derive(Clone, Debug, Default)]
struct State {
    sessions: Series,
    /// What goes after a day at most: few keys have it at one time.
    recent: Option<Box<Recent>>,
}

#[derive(Clone, Debug, Default)]
struct Recent {
    cards: Cards,
    small: Series,
    rejected: Series,
}

impl State {
    fn add(&mut self, kind: Kind, counted: &Counted) {
        let usd_micros = counted.usd_micros.unwrap_or(0);
        if kind.has_sums() && !counted.is_rejected {
            self.sessions.add(counted.at_s, usd_micros, KEEP_S);
        }
        if kind.has_cards() {
            let recent = self.recent.get_or_insert_default();
            recent.cards.add(counted.keys.card(), counted.at_s);
        }
        if kind.has_bursts() {
            if counted.is_rejected {
                let recent = self.recent.get_or_insert_default();
                recent.rejected.add(counted.at_s, 0, BURSTS_S);
            } else if is_small(counted.usd_micros) {
                let recent = self.recent.get_or_insert_default();
                recent.small.add(counted.at_s, 0, BURSTS_S);
            }
        }
    }

    fn compact(&mut self, now_s: u32) -> bool {
        if let Some(recent) = &mut self.recent {
            let are_empty = [
                recent.cards.compact(now_s),
                recent.small.compact(now_s, BURSTS_S),
                recent.rejected.compact(now_s, BURSTS_S),
            ];
            if are_empty == [true; 3] {
                self.recent = None;
            }
        }
        self.sessions.compact(now_s, KEEP_S) && self.recent.is_none()
    }
}

fn is_small(usd_micros: Option<i64>) -> bool {
    usd_micros.is_some_and(|usd_micros| usd_micros < SMALL_USD_MICROS)
}

/// Keys are digests already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Shard = HashMap<u64, State, BuildHasherDefault<AsItIs>>;

/// The counts of every key.
pub struct Counters {
    shards: Vec<Shard>,
    next_swept: usize,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            next_swept: 0,
        }
    }
}

/// Apart from the bits that a map looks at.
fn shard_of(key: u64) -> usize {
    usize::from(key.to_be_bytes()[2]) % SHARDS
}

impl Counters {
    /// Counts a decision.
    pub fn add(&mut self, counted: &Counted) {
        for (kind, key) in counted.keys.known() {
            let shard = &mut self.shards[shard_of(key)];
            shard.entry(key).or_default().add(kind, counted);
        }
    }

    /// What is known of each of `own`'s keys before it was decided, but with its card and its amount where they are
    /// counted with it. `since` is what was decided and is not counted yet.
    pub fn find(&self, own: &Counted, since: &[Counted]) -> Vec<(Kind, Found)> {
        let found = own.keys.known().map(|(kind, key)| {
            let mut more = State::default();
            for other in since
                .iter()
                .filter(|other| other.keys.of(kind) == Some(key))
            {
                more.add(kind, other);
            }
            let recent = more.recent.get_or_insert_default();
            recent.cards.add(own.keys.card(), own.at_s);
            if is_small(own.usd_micros) {
                recent.small.add(own.at_s, 0, BURSTS_S);
            }
            let known = self.shards[shard_of(key)].get(&key);
            (kind, read(known, &more, own.at_s))
        });
        found.collect()
    }

    /// Puts together and forgets what is old, in the next part of all keys.
    pub fn sweep(&mut self, now_s: u32) {
        let shard = &mut self.shards[self.next_swept];
        shard.retain(|_, state| !state.compact(now_s));
        if shard.len() < shard.capacity() / 4 {
            shard.shrink_to_fit();
        }
        self.next_swept = (self.next_swept + 1) % SHARDS;
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(HashMap::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn read(known: Option<&State>, more: &State, now_s: u32) -> Found {
    let (nothing, nothing_recent) = (State::default(), Recent::default());
    let known = known.unwrap_or(&nothing);
    let [of_known, of_more] =
        [known, more].map(|state| state.recent.as_deref().unwrap_or(&nothing_recent));
    let within = |series: fn(&Recent) -> &Series, window: usize| {
        let [known, more] = [of_known, of_more].map(|recent| series(recent).windows(now_s));
        known.counts[window].saturating_add(more.counts[window])
    };
    Found {
        sessions: known
            .sessions
            .windows(now_s)
            .and(&more.sessions.windows(now_s)),
        cards: of_known.cards.count_with(&of_more.cards, now_s),
        small_10m: within(|recent| &recent.small, 1),
        rejected_1h: within(|recent| &recent.rejected, 2),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{super::seen::MOST, *};

    /// 2026-11-18.
    const START_S: u32 = 1_795_000_000;

    fn keys(card: u8, ip: u8, customer: Option<u8>) -> Keys {
        let keys = Keys::default()
            .with(Kind::Card, &[card])
            .with(Kind::Ip, &[ip])
            .with(Kind::BinRun, &[card / 4])
            .with(Kind::Merchant, b"one");
        match customer {
            Some(customer) => keys.with(Kind::Customer, &[customer]),
            None => keys,
        }
    }

    /// What is exact: everything is kept and gone through.
    fn naive(all: &[Counted], own: &Counted, kind: Kind, window_s: u32) -> (u32, i64, u32) {
        let key = own.keys.of(kind);
        let is_in = |one: &&Counted| {
            one.keys.of(kind) == key && own.at_s.saturating_sub(one.at_s) < window_s
        };
        let sessions = || all.iter().filter(is_in).filter(|one| !one.is_rejected);
        let sum = sessions().map(|one| one.usd_micros.unwrap_or(0)).sum();
        let cards = all.iter().filter(is_in).map(|one| one.keys.card());
        let cards: HashSet<_> = cards.chain([own.keys.card()]).collect();
        let len = |len: usize| u32::try_from(len).unwrap();
        (len(sessions().count()), sum, len(cards.len()))
    }

    fn check(all: &[Counted], own: &Counted, found: &[(Kind, Found)]) -> Result<(), TestCaseError> {
        for (kind, found) in found {
            for (at, window_s) in WINDOWS_S.into_iter().enumerate() {
                if !kind.has_sums() {
                    continue;
                }
                let (least, least_sum, _) = naive(all, own, *kind, window_s);
                let spare_s = if window_s <= 3_600 { 0 } else { window_s / 60 };
                let (most, most_sum, _) = naive(all, own, *kind, window_s + spare_s);
                let (count, sum) = (found.sessions.counts[at], found.sessions.usd_micros[at]);
                prop_assert!(
                    (least..=most).contains(&count),
                    "{kind:?} {window_s} s: {least} {count} {most}"
                );
                prop_assert!(
                    (least_sum..=most_sum).contains(&sum),
                    "{kind:?} {window_s} s: {sum}"
                );
            }
            if kind.has_cards() {
                let wanted = CARD_WINDOWS.map(|at| naive(all, own, *kind, WINDOWS_S[at]).2);
                prop_assert_eq!(found.cards, wanted, "{:?}", kind);
            }
            if kind.has_bursts() {
                let of_kind = |one: &&Counted| one.keys.of(*kind) == own.keys.of(*kind);
                let within = |one: &Counted, window_s| own.at_s.saturating_sub(one.at_s) < window_s;
                let small = all.iter().chain([own]).filter(of_kind);
                let small = small
                    .filter(|one| !one.is_rejected && within(one, 600) && is_small(one.usd_micros));
                let rejected = all.iter().filter(of_kind);
                let rejected = rejected.filter(|one| one.is_rejected && within(one, 3_600));
                prop_assert_eq!(found.small_10m as usize, small.count(), "{:?}", kind);
                prop_assert_eq!(found.rejected_1h as usize, rejected.count(), "{:?}", kind);
            }
        }
        Ok(())
    }

    fn step() -> impl Strategy<Value = (u32, Counted)> {
        let pause =
            prop_oneof![4 => 0_u32..3, 3 => 0_u32..400, 2 => 0_u32..20_000, 1 => 0_u32..400_000];
        let usd_micros = prop_oneof![
            3 => (0_i64..20_000_000).prop_map(Some),
            1 => Just(None),
            1 => Just(Some(SMALL_USD_MICROS)),
            1 => Just(Some(SMALL_USD_MICROS - 1)),
        ];
        let of = (
            0_u8..9,
            0_u8..3,
            prop::option::of(0_u8..3),
            usd_micros,
            prop::bool::weighted(0.2),
        );
        (pause, of).prop_map(|(pause, (card, ip, customer, usd_micros, is_rejected))| {
            let counted = Counted {
                keys: keys(card, ip, customer),
                at_s: 0,
                usd_micros,
                is_rejected,
            };
            (pause, counted)
        })
    }

    proptest! {
        /// Counts are those of the naive model, whatever is counted already and whatever is only read with it, with
        /// old parts put together now and then.
        #[test]
        fn counts_are_exact_to_an_hour_and_within_a_sixtieth_beyond(
            steps in prop::collection::vec(step(), 1..160),
            waiting in 0_usize..6,
            sweep_each in 1_usize..40,
        ) {
            let mut counters = Counters::default();
            let (mut all, mut counted_until) = (Vec::<Counted>::new(), 0);
            let mut at_s = START_S;
            for (number, (pause_s, mut own)) in steps.into_iter().enumerate() {
                at_s += pause_s;
                own.at_s = at_s;
                while counted_until + waiting < all.len() {
                    counters.add(&all[counted_until]);
                    counted_until += 1;
                }
                if number % sweep_each == 0 {
                    (0..SHARDS).for_each(|_| counters.sweep(at_s));
                }
                let found = counters.find(&own, &all[counted_until..]);
                let as_asked = Counted { is_rejected: false, ..own };
                check(&all, &as_asked, &found)?;
                all.push(own);
            }
        }
    }

    /// What comes late, from another verifier, is put in its place.
    #[test]
    fn the_order_in_which_they_are_counted_does_not_matter() {
        let of = |at_s: u32| Counted {
            keys: keys(1, 1, None),
            at_s: START_S + at_s,
            usd_micros: Some(1),
            is_rejected: false,
        };
        let (mut forward, mut back) = (Counters::default(), Counters::default());
        let times = [0, 5, 70, 3_000, 3_650, 90_000, 90_001];
        for (early, late) in times.iter().zip(times.iter().rev()) {
            forward.add(&of(*early));
            back.add(&of(*late));
        }
        let own = of(90_010);
        assert_eq!(forward.find(&own, &[]), back.find(&own, &[]));
    }

    #[test]
    fn what_is_old_takes_no_room() {
        let mut counters = Counters::default();
        for card in 0..200 {
            let keys = keys(card, card, Some(card));
            let (at_s, usd_micros) = (START_S + u32::from(card), None);
            counters.add(&Counted {
                keys,
                at_s,
                usd_micros,
                is_rejected: card % 2 == 0,
            });
        }
        // Of those that were rejected nothing but their card.
        assert_eq!(counters.len(), 200 + 200 + 200 + 50 + 1);
        let sweep = |counters: &mut Counters, at_s| (0..SHARDS).for_each(|_| counters.sweep(at_s));
        sweep(&mut counters, START_S + 90_000);
        assert_eq!(counters.len(), 100 + 100 + 100 + 1);
        let recent = counters.shards.iter().flat_map(HashMap::values);
        assert!(recent.clone().all(|state| state.recent.is_none()));
        sweep(&mut counters, START_S + 2_592_000 + 200);
        assert!(counters.is_empty());
    }

    /// Whoever tries numbers out without end makes nobody's look-up slow.
    #[test]
    fn cards_of_one_key_are_told_apart_up_to_a_bound() {
        let mut counters = Counters::default();
        for at in 0..3_000_u32 {
            let keys = Keys::default()
                .with(Kind::Card, &at.to_be_bytes())
                .with(Kind::Ip, b"one");
            counters.add(&Counted {
                keys,
                at_s: START_S + at,
                usd_micros: None,
                is_rejected: true,
            });
        }
        let own = Counted {
            keys: keys(1, 1, None).with(Kind::Ip, b"one"),
            at_s: START_S + 3_000,
            usd_micros: None,
            is_rejected: false,
        };
        let found = counters.find(&own, &[]);
        let of_ip = found.iter().find(|(kind, _)| *kind == Kind::Ip).unwrap();
        assert_eq!(of_ip.1.cards, [u32::try_from(MOST).unwrap(); 2]);
        assert_eq!(of_ip.1.rejected_1h, 3_000);
        let held = counters.shards.iter().flat_map(HashMap::values);
        let cards = held.filter_map(|state| state.recent.as_ref());
        assert!(
            cards
                .map(|recent| format!("{:?}", recent.cards).matches("last_s").count())
                .max()
                <= Some(MOST)
        );
    }
}
