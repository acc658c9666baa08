//! What is usual: the minutes before the one that is looked at.

use crate::store::traffic::Minute;

/// Requests of all minutes of a baseline together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Baseline {
    /// How many minutes.
    pub minutes: u32,
    /// Requests in all of them.
    pub requests: u64,
    /// Of these, those that were refused or failed.
    pub errors: u64,
}

impl Baseline {
    /// The `minutes` before `first`, with the minutes that have any request. Nothing where the caller has none from
    /// before them: then one does not know what is usual.
    pub(super) fn before(first: i64, minutes: u32, counted: &[Minute]) -> Option<Self> {
        let begins = first - i64::from(minutes);
        if counted.iter().all(|minute| minute.minute > begins) {
            return None;
        }
        let (requests, errors) = sum(begins, first - 1, counted);
        Some(Self {
            minutes,
            requests,
            errors,
        })
    }

    /// Requests a minute, rounded down.
    pub(super) fn per_minute(&self) -> u64 {
        self.requests.checked_div(self.minutes.into()).unwrap_or(0)
    }
}

/// Requests and errors from one minute to another, both included.
pub(super) fn sum(first: i64, last: i64, counted: &[Minute]) -> (u64, u64) {
    let within = counted
        .iter()
        .filter(|minute| (first..=last).contains(&minute.minute));
    within.fold((0, 0), |(requests, errors), minute| {
        (
            requests.saturating_add(minute.requests),
            errors.saturating_add(minute.errors),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(minutes: &[i64]) -> Vec<Minute> {
        let one = |minute: &i64| Minute {
            minute: *minute,
            requests: 10,
            errors: 1,
        };
        minutes.iter().map(one).collect()
    }

    #[test]
    fn it_has_the_minutes_before_and_no_other() {
        let baseline = Baseline::before(100, 10, &of(&[89, 90, 99, 100, 101])).unwrap();
        assert_eq!((baseline.requests, baseline.errors), (20, 2));
        assert_eq!(baseline.per_minute(), 2);
    }

    #[test]
    fn who_is_new_has_none() {
        assert_eq!(Baseline::before(100, 10, &of(&[91, 99])), None);
        assert!(Baseline::before(100, 10, &of(&[90])).is_some());
        assert_eq!(Baseline::before(100, 10, &[]), None);
    }
}
