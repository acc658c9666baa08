//! What was observed since the last look, counted.

use std::{collections::BTreeMap, net::IpAddr};

use super::observation::{Answered, Observation};
use crate::{
    clock::Timestamp,
    store::{Subject, SubjectKind, failed_authentications::Failures, traffic::Minute},
};

/// Instants at which one subject's failures are kept apart in one look; earlier ones count as the first of these.
const INSTANTS: usize = 64;
/// Addresses of one caller that are looked up in one look.
const ADDRESSES: usize = 64;

/// Milliseconds of a minute.
pub(super) const MINUTE_MS: i64 = 60_000;

/// Counts by subject.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Failed authentications, in order.
    pub(super) failures: BTreeMap<Subject, Vec<Failures>>,
    /// Addresses that callers called from, and when last.
    pub(super) callers: BTreeMap<Subject, Vec<(IpAddr, Timestamp)>>,
    /// Requests of each minute.
    pub(super) traffic: BTreeMap<(Subject, i64), Minute>,
}

impl Tally {
    pub(super) fn add(&mut self, observation: Observation) {
        match observation {
            Observation::Failed(subject, at) => self.failed(subject, at),
            Observation::Answered(answered) => self.answered(&answered),
        }
    }

    fn failed(&mut self, subject: Subject, at: Timestamp) {
        let failures = self.failures.entry(subject).or_default();
        // Requests that are answered side by side may come out of order by a little.
        let place = failures.partition_point(|failure| failure.at < at);
        match failures.get_mut(place) {
            Some(same) if same.at == at => same.count = same.count.saturating_add(1),
            _ => failures.insert(place, Failures { at, count: 1 }),
        }
        if failures.len() > INSTANTS {
            let first = failures.remove(0);
            failures[0].count = failures[0].count.saturating_add(first.count);
        }
    }

    fn answered(&mut self, answered: &Answered) {
        self.count(
            Subject::new(SubjectKind::Listener, answered.listener),
            answered,
        );
        let Some(by) = &answered.by else {
            return;
        };
        for subject in [by.caller(), by.merchant()].into_iter().flatten() {
            if subject.kind == SubjectKind::Client {
                self.count(subject.clone(), answered);
            }
            let addresses = self.callers.entry(subject).or_default();
            let known = addresses.iter().position(|(ip, _)| *ip == answered.ip);
            match known {
                Some(index) => addresses[index].1 = addresses[index].1.max(answered.at),
                None if addresses.len() < ADDRESSES => addresses.push((answered.ip, answered.at)),
                None => {}
            }
        }
    }

    fn count(&mut self, subject: Subject, answered: &Answered) {
        let minute = answered.at.millis().div_euclid(MINUTE_MS);
        let counted = self.traffic.entry((subject, minute)).or_default();
        counted.minute = minute;
        counted.requests += 1;
        counted.errors += u64::from(answered.is_error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_in_order_and_none_is_lost() {
        let mut tally = Tally::default();
        let subject = Subject::new(SubjectKind::Address, "00");
        for at in [5, 3, 3, 9].into_iter().chain(100..200) {
            tally.failed(subject.clone(), Timestamp::from_millis(at));
        }
        let failures = &tally.failures[&subject];
        assert_eq!(failures.len(), INSTANTS);
        assert!(failures.is_sorted_by(|a, b| a.at < b.at));
        assert_eq!(failures.iter().map(|one| one.count).sum::<u32>(), 104);
    }
}
