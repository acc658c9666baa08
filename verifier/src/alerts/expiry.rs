//! Certificates and keys that end.

use crate::clock::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Whole days from `now` until `end`, rounded down: negative when it is over.
pub(super) const fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    (end.millis() - now.millis()).div_euclid(DAY_MS)
}

/// The smallest of `told_at` days that is reached with so many days left.
pub fn reached(days_left: i64, told_at: &[u32]) -> Option<u32> {
    let reached = told_at.iter().filter(|days| days_left <= i64::from(**days));
    reached.min().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_reached_to_the_day() {
        let told_at = [30, 14, 3];
        for (left, step) in [
            (31, None),
            (30, Some(30)),
            (15, Some(30)),
            (14, Some(14)),
            (4, Some(14)),
            (3, Some(3)),
            (-9, Some(3)),
        ] {
            assert_eq!(reached(left, &told_at), step, "{left}");
        }
        assert_eq!(reached(0, &[]), None);
    }

    #[test]
    fn days_are_whole_ones() {
        let left = |millis| days_left(Timestamp::from_millis(millis), Timestamp::from_millis(0));
        assert_eq!(
            [left(DAY_MS), left(DAY_MS - 1), left(0), left(-1)],
            [1, 0, 0, -1]
        );
    }
}
