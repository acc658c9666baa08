//! CVCs held in this process's memory: gone with it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use waxseal_protocol::card::Cvc;

use super::state::{Entry, HoldOutcome, Taken};
use crate::clock::Timestamp;

/// Entries by the submission's id.
pub(super) struct Memory {
    entries: Mutex<HashMap<String, Entry>>,
    /// Entries at most, so that what nobody consumes cannot fill the memory.
    most: usize,
    hold_s: i64,
}

impl Memory {
    pub(super) fn new(most: usize, hold_s: i64) -> Self {
        Self {
            entries: Mutex::default(),
            most,
            hold_s,
        }
    }

    pub(super) fn hold(&self, submission: &str, cvc: Cvc, now: Timestamp) -> HoldOutcome {
        let mut entries = self.entries();
        if entries.contains_key(submission) {
            return HoldOutcome::Known;
        }
        if entries.len() >= self.most {
            return HoldOutcome::Full;
        }
        let deadline = now.plus_seconds(self.hold_s);
        entries.insert(submission.to_owned(), Entry::held(cvc, deadline));
        HoldOutcome::Held
    }

    pub(super) fn take(&self, submission: &str, attempt: &str, now: Timestamp) -> Option<Taken> {
        let mut entries = self.entries();
        entries.get_mut(submission)?.take(submission, attempt, now)
    }

    pub(super) fn put_back(&self, taken: Taken, now: Timestamp) -> bool {
        let mut entries = self.entries();
        match entries.get_mut(&taken.submission) {
            Some(entry) => entry.put_back(taken, now),
            None => false,
        }
    }

    pub(super) fn consume(&self, submission: &str, now: Timestamp) {
        let mut entries = self.entries();
        let has_room = entries.len() < self.most;
        match entries.get_mut(submission) {
            Some(entry) => entry.consume(now),
            // An authorisation that is faster than the submission's own answer.
            None if has_room => {
                let deadline = now.plus_seconds(self.hold_s);
                entries.insert(submission.to_owned(), Entry::consumed(deadline));
            }
            None => {}
        }
    }

    /// Removes what is past its deadline; gives how many entries that were.
    pub(super) fn expire(&self, now: Timestamp) -> usize {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|_, entry| !entry.expire(now));
        before - entries.len()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::cvc::PUT_BACK_S;

    const HOLD_S: i64 = 900;
    const MOST: usize = 3;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn cvc(number: usize) -> Cvc {
        Cvc::parse_kept(&format!("{:04}", number % 10_000)).unwrap()
    }

    #[test]
    fn an_entry_is_wiped_and_removed_at_its_deadline_though_nobody_asks() {
        let memory = Memory::new(MOST, HOLD_S);
        assert_eq!(memory.hold("a", cvc(1), at(0)), HoldOutcome::Held);
        assert_eq!(memory.hold("b", cvc(2), at(1)), HoldOutcome::Held);
        assert_eq!(memory.expire(at(HOLD_S - 1)), 0);
        assert_eq!(memory.expire(at(HOLD_S)), 1);
        assert!(memory.take("a", "x", at(HOLD_S)).is_none());
        assert!(memory.take("b", "x", at(HOLD_S)).is_some());
    }

    #[test]
    fn an_authorisation_that_overtakes_the_hold_leaves_nothing_to_hold() {
        let memory = Memory::new(MOST, HOLD_S);
        memory.consume("a", at(0));
        assert_eq!(memory.hold("a", cvc(1), at(1)), HoldOutcome::Known);
        assert!(memory.take("a", "x", at(2)).is_none());
    }

    #[test]
    fn there_is_room_for_so_many_and_no_more() {
        let memory = Memory::new(MOST, HOLD_S);
        for id in 0..MOST {
            let held = memory.hold(&id.to_string(), cvc(id), at(0));
            assert_eq!(held, HoldOutcome::Held);
        }
        assert_eq!(memory.hold("one more", cvc(9), at(0)), HoldOutcome::Full);
        memory.consume("one more", at(0));
        assert_eq!(memory.entries().len(), MOST);
    }

    #[test]
    fn only_the_attempt_that_took_a_code_puts_it_back() {
        let memory = Memory::new(MOST, HOLD_S);
        memory.hold("a", cvc(1), at(0));
        let mut taken = memory.take("a", "x", at(0)).unwrap();
        taken.attempt = "y".to_owned();
        assert!(!memory.put_back(taken, at(1)));
    }

    #[test]
    fn a_clock_that_is_set_back_brings_nothing_back() {
        let mut entry = Entry::held(cvc(1), at(10));
        assert!(entry.expire(at(10)));
        assert!(entry.take("a", "x", at(0)).is_none());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Hold(usize),
        Take(usize, usize),
        /// Of what was taken and is still in somebody's hands, the so manieth.
        PutBack(usize),
        Consume(usize),
        Expire,
        Wait(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let id = 0..5_usize;
        prop_oneof![
            3 => id.clone().prop_map(Step::Hold),
            4 => (id.clone(), 0..3_usize).prop_map(|(id, attempt)| Step::Take(id, attempt)),
            3 => (0..4_usize).prop_map(Step::PutBack),
            1 => id.prop_map(Step::Consume),
            1 => Just(Step::Expire),
            2 => (0..40_i64).prop_map(Step::Wait),
            1 => (0..700_i64).prop_map(Step::Wait),
        ]
    }

    /// What an observer would know of one submission without any state: what happened, and when.
    #[derive(Default)]
    struct Observed {
        held_at: Option<i64>,
        number: usize,
        consumed: bool,
        taken: Option<(usize, i64)>,
    }

    impl Observed {
        fn is_over(&self, now: i64) -> bool {
            self.held_at.is_none_or(|at| now - at >= HOLD_S)
        }

        fn may_be_taken(&self, now: i64) -> bool {
            !self.is_over(now) && !self.consumed && self.taken.is_none()
        }
    }

    proptest! {
        #[test]
        fn nobody_gets_a_cvc_but_one_taker_before_the_answer_and_the_deadline(
            steps in prop::collection::vec(step(), 1..120)
        ) {
            let memory = Memory::new(5, HOLD_S);
            let mut seen: Vec<Observed> = (0..5).map(|_| Observed::default()).collect();
            let mut hands: Vec<(usize, (usize, Option<i64>), Taken)> = Vec::new();
            let mut now = 0;
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Hold(id) => {
                        let outcome = memory.hold(&id.to_string(), cvc(number), at(now));
                        // What has expired is known until it is swept.
                        if outcome == HoldOutcome::Held {
                            prop_assert!(seen[id].is_over(now));
                            seen[id] = Observed { held_at: Some(now), number, ..Observed::default() };
                        } else {
                            prop_assert_eq!(outcome, HoldOutcome::Known);
                            prop_assert!(seen[id].held_at.is_some());
                        }
                    }
                    Step::Take(id, attempt) => {
                        let taken = memory.take(&id.to_string(), &attempt.to_string(), at(now));
                        prop_assert_eq!(taken.is_some(), seen[id].may_be_taken(now));
                        if let Some(taken) = taken {
                            prop_assert_eq!(taken.cvc().digits(), cvc(seen[id].number).digits().to_owned());
                            seen[id].taken = Some((attempt, now));
                            hands.push((id, (attempt, seen[id].held_at), taken));
                        }
                    }
                    Step::PutBack(which) => {
                        if which < hands.len() {
                            let (id, (attempt, held_at), taken) = hands.remove(which);
                            let back = memory.put_back(taken, at(now));
                            let observed = &mut seen[id];
                            let is_its_own = observed.taken.is_some_and(|(by, when)| {
                                by == attempt && observed.held_at == held_at && now - when < PUT_BACK_S
                            });
                            let may = !observed.is_over(now) && !observed.consumed && is_its_own;
                            prop_assert_eq!(back, may);
                            if back {
                                observed.taken = None;
                            }
                        }
                    }
                    Step::Consume(id) => {
                        memory.consume(&id.to_string(), at(now));
                        let observed = &mut seen[id];
                        if observed.held_at.is_none() {
                            observed.held_at = Some(now);
                        }
                        observed.consumed = true;
                    }
                    Step::Expire => {
                        memory.expire(at(now));
                        for observed in &mut seen {
                            if observed.is_over(now) {
                                *observed = Observed::default();
                            }
                        }
                    }
                    Step::Wait(seconds) => now += seconds,
                }
            }
        }
    }
}
