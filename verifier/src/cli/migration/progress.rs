//! How far a long command is, on stderr.

use crate::clock::{Clock, SystemClock, Timestamp};

/// Seconds between two lines.
const EVERY_S: i64 = 2;

/// Says now and then how far it is.
pub(super) struct Ticker {
    began: Timestamp,
    next: Timestamp,
}

impl Ticker {
    pub(super) fn start() -> Self {
        let began = SystemClock.now();
        Self {
            began,
            next: began.plus_seconds(EVERY_S),
        }
    }

    /// Says `line`, if nothing was said for a while.
    pub(super) fn tick(&mut self, line: impl FnOnce() -> String) {
        let now = SystemClock.now();
        if now >= self.next {
            self.next = now.plus_seconds(EVERY_S);
            tell(&line());
        }
    }

    /// Says how many there were, and how fast.
    pub(super) fn end(&self, count: u64, what: &str) {
        let millis = SystemClock.now().millis() - self.began.millis();
        let millis = u64::try_from(millis).unwrap_or(0).max(1);
        tell(&format!(
            "{count} {what}, {} a second",
            count * 1000 / millis
        ));
    }
}

#[expect(
    clippy::print_stderr,
    reason = "what a person watches, apart from the answer"
)]
pub(super) fn tell(line: &str) {
    eprintln!("{line}");
}
