//! Client certificates that a listener's handshakes have refused, until the audit has them: counted by address and
//! reason, and of a bounded number of these, so that whoever tries many costs no memory.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use crate::clock::Timestamp;

/// Addresses and reasons that are kept apart until they are taken.
const MOST: usize = 256;

/// What was refused since it was taken last.
#[derive(Debug, Default)]
pub struct Refused {
    /// How many times, and when last, by address and reason.
    pub handshakes: BTreeMap<(IpAddr, &'static str), (u64, Timestamp)>,
    /// Those that were not kept, for want of room.
    pub dropped: u64,
}

/// Where handshakes leave what they refuse. They never wait.
#[derive(Default)]
pub struct Refusals(Mutex<Refused>);

impl Refusals {
    /// One more; `false`: there was no room for it, and it is only counted.
    pub fn note(&self, ip: IpAddr, reason: &'static str, at: Timestamp) -> bool {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.add((ip, reason), 1, at)
    }

    /// Takes what there is.
    pub fn take(&self) -> Refused {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *refused)
    }

    /// Puts back what could not be told.
    pub fn put_back(&self, untold: Refused) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.dropped += untold.dropped;
        for (key, (count, at)) in untold.handshakes {
            refused.add(key, count, at);
        }
    }
}

impl Refused {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.handshakes.is_empty() && self.dropped == 0
    }

    fn add(&mut self, key: (IpAddr, &'static str), count: u64, at: Timestamp) -> bool {
        let is_full = self.handshakes.len() >= MOST;
        match self.handshakes.get_mut(&key) {
            Some(known) => *known = (known.0 + count, known.1.max(at)),
            None if is_full => self.dropped += count,
            None => drop(self.handshakes.insert(key, (count, at))),
        }
        !is_full || self.handshakes.contains_key(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_counted_and_what_could_not_be_told_is_kept() {
        let refusals = Refusals::default();
        let at = Timestamp::from_millis;
        let ip = |number: u32| IpAddr::from(number.to_be_bytes());
        for number in 0..300 {
            refusals.note(ip(number), "certificate_expired", at(1));
        }
        assert!(refusals.note(ip(0), "certificate_expired", at(2)));
        assert!(!refusals.note(ip(0), "certificate_revoked", at(2)));
        let refused = refusals.take();
        assert_eq!((refused.handshakes.len(), refused.dropped), (MOST, 45));
        assert_eq!(
            refused.handshakes[&(ip(0), "certificate_expired")],
            (2, at(2))
        );
        assert!(refusals.take().is_empty());
        refusals.note(ip(0), "certificate_expired", at(3));
        refusals.put_back(refused);
        let refused = refusals.take();
        assert_eq!(
            refused.handshakes[&(ip(0), "certificate_expired")],
            (3, at(3))
        );
        assert_eq!(refused.dropped, 45);
    }
}
