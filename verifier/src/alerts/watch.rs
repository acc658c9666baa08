//! Where requests leave what they have seen, without ever waiting.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, mpsc};

use super::{
    observation::{Answered, Observation},
    tally::Tally,
};
use crate::{
    clock::Timestamp,
    config,
    store::{Subject, SubjectKind, audit::AuditEntry},
};

/// Observations that may wait for the next look, which is a second away.
const WAITING: usize = 16 * 1024;

/// What is observed, and the rules by which it is looked at.
pub struct Watch {
    sender: mpsc::Sender<Observation>,
    /// Held by whoever looks.
    pub(super) seen: Mutex<Seen>,
    pub(super) rules: config::Alerts,
    /// Whether an alert was raised here since open ones were counted.
    has_raised: AtomicBool,
}

/// What was taken out of the channel, and what is remembered from one look to the next.
pub(super) struct Seen {
    receiver: mpsc::Receiver<Observation>,
    pub(super) known: super::sightings::Known,
    /// The last minute that was looked at.
    pub(super) minute: i64,
    pub(super) gauges_at: Option<Timestamp>,
}

impl Watch {
    /// With these rules.
    pub fn new(rules: config::Alerts) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender,
            seen: Mutex::new(Seen {
                receiver,
                known: super::sightings::Known::default(),
                minute: 0,
                gauges_at: None,
            }),
            rules,
            has_raised: AtomicBool::new(false),
        }
    }

    /// The rules.
    pub const fn rules(&self) -> &config::Alerts {
        &self.rules
    }

    pub(super) fn raised(&self) {
        self.has_raised.store(true, Ordering::Relaxed);
    }

    pub(super) fn take_raised(&self) -> bool {
        self.has_raised.swap(false, Ordering::Relaxed)
    }

    /// A request was answered.
    pub fn answered(&self, answered: Answered) {
        self.send(Observation::Answered(answered));
    }

    /// Whoever `entry` of the audit names could not prove to be that, from an address of this digest.
    pub fn authentication_failed(&self, entry: &AuditEntry, ip_digest: &[u8; 16], at: Timestamp) {
        let address = Subject::new(SubjectKind::Address, hexadecimal(ip_digest));
        self.send(Observation::Failed(address, at));
        for id in [&entry.client_id, &entry.operator_id].into_iter().flatten() {
            self.failed_to_be(id, at);
        }
    }

    /// Somebody gave a client's, operator's or person's id without proof. Whether there is one is looked up later.
    pub fn failed_to_be(&self, id: &str, at: Timestamp) {
        if let Some(subject) = Subject::of_caller(id) {
            self.send(Observation::Failed(subject, at));
        }
    }

    fn send(&self, observation: Observation) {
        if self.sender.try_send(observation).is_err() {
            metrics::counter!("waxseal_observations_dropped_total").increment(1);
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

impl Seen {
    /// Takes what waits, as much as the channel holds.
    pub(super) fn take(&mut self) -> Tally {
        let mut tally = Tally::default();
        for _ in 0..WAITING {
            match self.receiver.try_recv() {
                Ok(observation) => tally.add(observation),
                Err(_) => break,
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_is_dropped_and_nobody_waits() {
        let watch = Watch::new(config::Alerts::default());
        let now = Timestamp::from_millis(0);
        for _ in 0..WAITING + 100 {
            watch.failed_to_be("cli_test_1", now);
        }
        let mut seen = watch.seen.lock().await;
        let count = |tally: Tally| {
            let failures = tally.failures.into_values().flatten();
            failures.map(|failures| failures.count).sum::<u32>() as usize
        };
        assert_eq!(count(seen.take()), WAITING);
        assert_eq!(count(seen.take()), 0);
    }
}
