//! Failed authentications of one client, user or address that pile up.

use crate::{clock::Timestamp, store::failed_authentications::Failures};

/// How many within how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Failures that are too many.
    pub failures: u32,
    /// Seconds within which they are counted: one that is just as old counts no more.
    pub window_s: u32,
}

/// Failures that are too many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooMany {
    /// How many there were within the window.
    pub count: u32,
    /// When the last one was.
    pub at: Timestamp,
}

/// Whether the failures up to any one that came at `new_from` or later are too many; of several windows the last.
/// `failures` are in order. What was at `closed_at` or before is dealt with.
pub(super) fn too_many(
    failures: &[Failures],
    new_from: Timestamp,
    closed_at: Option<Timestamp>,
    rule: Rule,
) -> Option<TooMany> {
    let is_left = |failure: &&Failures| closed_at.is_none_or(|closed| failure.at > closed);
    let failures: Vec<&Failures> = failures.iter().filter(is_left).collect();
    let ends = failures.iter().rev().take_while(|end| end.at >= new_from);
    ends.map(|end| {
        let since = end.at.plus_seconds(-i64::from(rule.window_s));
        let within = failures
            .iter()
            .filter(|other| other.at > since && other.at <= end.at);
        let count = within.fold(0_u32, |count, other| count.saturating_add(other.count));
        TooMany { count, at: end.at }
    })
    .find(|found| found.count >= rule.failures)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        failures: 5,
        window_s: 60,
    };

    fn at_ms(times: &[i64]) -> Vec<Failures> {
        let one = |at| Failures {
            at: Timestamp::from_millis(at),
            count: 1,
        };
        times.iter().copied().map(one).collect()
    }

    fn count(times: &[i64], closed_at: Option<i64>) -> Option<u32> {
        let start = Timestamp::from_millis(0);
        let closed_at = closed_at.map(Timestamp::from_millis);
        too_many(&at_ms(times), start, closed_at, RULE).map(|found| found.count)
    }

    #[test]
    fn four_in_a_minute_are_none_and_five_are() {
        assert_eq!(count(&[0, 1, 2, 59_999], None), None);
        assert_eq!(count(&[0, 1, 2, 3, 59_999], None), Some(5));
        assert_eq!(count(&[7, 7, 7, 7, 7, 7], None), Some(6));
    }

    #[test]
    fn five_in_sixty_seconds_and_more_are_none() {
        assert_eq!(count(&[0, 1, 2, 3, 60_000], None), None);
        assert_eq!(count(&[0, 15_000, 30_000, 45_000, 61_000], None), None);
        // The minute may lie anywhere.
        assert_eq!(
            count(&[0, 50_000, 50_001, 50_002, 60_000, 61_000], None),
            Some(5)
        );
    }

    #[test]
    fn a_burst_that_is_over_is_found_behind_later_failures() {
        assert_eq!(count(&[0, 1, 2, 3, 4, 90_000], None), Some(5));
    }

    #[test]
    fn what_was_before_the_last_alert_was_closed_is_dealt_with() {
        let times = [0, 1, 2, 3, 4, 10, 11, 12, 13];
        assert_eq!(count(&times, Some(4)), None);
        assert_eq!(count(&[&times[..], &[14]].concat(), Some(4)), Some(5));
    }

    #[test]
    fn only_new_failures_can_be_the_last_straw() {
        let failures = at_ms(&[0, 1, 2, 3, 4, 90_000]);
        let new_from = Timestamp::from_millis(90_000);
        assert_eq!(too_many(&failures, new_from, None, RULE), None);
    }
}
