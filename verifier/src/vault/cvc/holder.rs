//! Where CVCs wait: one interface to this process's memory and to a Valkey that several share.

use waxseal_protocol::card::Cvc;

use super::{
    memory::Memory,
    state::{HoldOutcome, Taken},
    valkey::Valkey,
};
use crate::{clock::Timestamp, keys::ModeKeys, rng::Rng, valkey::ValkeyError};

/// Holds each accepted submission's CVC until its one authorisation, for 15 minutes at most.
pub struct CvcHolder(Place);

enum Place {
    Memory(Memory),
    Valkey(Box<Valkey>),
}

/// What every step needs besides the submission: the keys of its mode, randomness and the time.
#[derive(Clone, Copy)]
pub struct Surroundings<'s> {
    /// The keys of the submission's mode.
    pub keys: &'s ModeKeys,
    /// For nonces.
    pub rng: &'s dyn Rng,
    /// The current instant.
    pub now: Timestamp,
}

impl CvcHolder {
    /// Holds at most `entries` CVCs in memory, for `hold_s` seconds each.
    pub fn in_memory(entries: u32, hold_s: u32) -> Self {
        let most = usize::try_from(entries).unwrap_or(usize::MAX);
        Self(Place::Memory(Memory::new(most, hold_s.into())))
    }

    /// Holds CVCs in the Valkey or Redis at `url`, for `hold_s` seconds each.
    ///
    /// # Errors
    /// When it cannot be reached, or what it holds may get to a disk.
    pub async fn in_valkey(url: &str, hold_s: u32) -> Result<Self, ValkeyError> {
        let valkey = Valkey::open(url, hold_s).await?;
        Ok(Self(Place::Valkey(Box::new(valkey))))
    }

    /// Where CVCs are held, for an operator: no password.
    pub fn place(&self) -> String {
        match &self.0 {
            Place::Memory(_) => "this process's memory".to_owned(),
            Place::Valkey(valkey) => format!("Valkey at {}", valkey.place()),
        }
    }

    /// Holds a submission's CVC. Where that fails there is none to authorise with, and nothing else is lost.
    pub async fn hold(&self, at: Surroundings<'_>, submission: &str, cvc: Cvc) -> HoldOutcome {
        let outcome = match &self.0 {
            Place::Memory(memory) => memory.hold(submission, cvc, at.now),
            Place::Valkey(valkey) => valkey.hold(at, submission, cvc).await,
        };
        count(outcome.as_str());
        outcome
    }

    /// Gives the CVC to the attempt of that id, which no other has: once, and to nobody else.
    pub async fn take(
        &self,
        at: Surroundings<'_>,
        submission: &str,
        attempt: &str,
    ) -> Option<Taken> {
        let taken = match &self.0 {
            Place::Memory(memory) => memory.take(submission, attempt, at.now),
            Place::Valkey(valkey) => valkey.take(at, submission, attempt).await,
        };
        count(if taken.is_some() { "taken" } else { "none" });
        taken
    }

    /// After a technical failure of the attempt that took it; gives whether it waits again. It does not when
    /// that took longer than [`PUT_BACK_S`](super::PUT_BACK_S).
    pub async fn put_back(&self, at: Surroundings<'_>, taken: Taken) -> bool {
        let is_back = match &self.0 {
            Place::Memory(memory) => memory.put_back(taken, at.now),
            Place::Valkey(valkey) => valkey.put_back(at, taken).await,
        };
        count(if is_back { "put_back" } else { "not_put_back" });
        is_back
    }

    /// After any answer to an authorisation: nothing of it is left, and nothing will be held again. A Valkey
    /// that does not answer has had the code taken out already, or expires it.
    pub async fn consume(&self, now: Timestamp, submission: &str) {
        match &self.0 {
            Place::Memory(memory) => memory.consume(submission, now),
            Place::Valkey(valkey) => valkey.consume(submission).await,
        }
        count("consumed");
    }

    /// Wipes from memory what is past its deadline; Valkey does so by itself.
    pub fn expire(&self, now: Timestamp) {
        if let Place::Memory(memory) = &self.0 {
            let expired = memory.expire(now);
            metrics::counter!("waxseal_cvc_total", "outcome" => "expired")
                .increment(u64::try_from(expired).unwrap_or(u64::MAX));
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("waxseal_cvc_total", "outcome" => outcome).increment(1);
}
