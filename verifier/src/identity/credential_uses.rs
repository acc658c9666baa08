//! Which credentials were used within this hour, so that the audit has the first use of each and not every request.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use crate::clock::Timestamp;

/// Uses that are remembered; beyond that all are forgotten, and told again.
const REMEMBERED: usize = 64 * 1024;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// What callers have proved themselves with in the hour that it is.
#[derive(Default)]
pub struct CredentialUses(Mutex<Uses>);

#[derive(Default)]
struct Uses {
    hour: i64,
    seen: HashSet<(String, &'static str)>,
}

impl CredentialUses {
    /// Notes that `id` has proved itself `by` that kind of credential; gives whether that is new in this hour.
    pub fn is_first(&self, id: &str, by: &'static str, now: Timestamp) -> bool {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.millis().div_euclid(HOUR_MS);
        if uses.hour != hour || uses.seen.len() >= REMEMBERED {
            uses.hour = hour;
            uses.seen.clear();
        }
        uses.seen.insert((id.to_owned(), by))
    }

    /// The use could not be told: the next is the first.
    pub fn forget(&self, id: &str, by: &'static str) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.seen.remove(&(id.to_owned(), by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_each_caller_is_first_once_an_hour() {
        let uses = CredentialUses::default();
        let first = |id, by, millis| uses.is_first(id, by, Timestamp::from_millis(millis));
        assert!(first("a", "secret", HOUR_MS));
        assert!(!first("a", "secret", 2 * HOUR_MS - 1));
        assert!(first("a", "certificate", HOUR_MS) && first("b", "secret", HOUR_MS));
        assert!(first("a", "secret", 2 * HOUR_MS));
        uses.forget("a", "secret");
        assert!(first("a", "secret", 2 * HOUR_MS));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let uses = CredentialUses::default();
        for number in 0..=REMEMBERED {
            uses.is_first(&number.to_string(), "secret", Timestamp::from_millis(0));
        }
        assert!(uses.0.lock().unwrap().seen.len() <= REMEMBERED);
    }
}
