//! Traffic from a country that nobody has seen of a caller.

use crate::clock::Timestamp;

/// Whether a country that is new at `now` is to be told of: not as long as one learns where the caller is,
/// which begins at its first request.
pub(super) fn is_told(first_seen_at: Timestamp, now: Timestamp, learning_s: u32) -> bool {
    now >= first_seen_at.plus_seconds(learning_s.into()) && now > first_seen_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learning_ends_to_the_millisecond() {
        let day = 86_400_000;
        let told = |millis: i64, learning_s| {
            let first = Timestamp::from_millis(1000);
            is_told(first, Timestamp::from_millis(1000 + millis), learning_s)
        };
        assert!(!told(14 * day - 1, 14 * 86_400));
        assert!(told(14 * day, 14 * 86_400));
        // Where nothing is learned, the first country of all is none that is new.
        assert!(!told(0, 0));
        assert!(told(1, 0));
    }
}
