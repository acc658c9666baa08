//! `key_timing`: how long keys were held, and the time from one key's release to the next press, as
//! medians over the first 128 of each.
//!
//! Which keys were pressed is forgotten at their release. Keys that edit nothing (Tab, arrows,
//! modifiers) do not count, nor do repetitions of a held key, nor the key events without a key that
//! Chromium sends around autofill.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use waxseal_protocol::signal::KeyTiming;

use super::median::{MOST_SAMPLES, median, spread};

/// Keys held at once by two hands.
const MOST_HELD: usize = 10;

/// A pause this long is no rhythm any more: the person looked for the card.
const LONGEST_MS: f64 = 5_000.0;

/// Records the rhythm of the typing.
#[derive(Debug, Default)]
pub struct KeyRhythm {
    held: Vec<(String, f64)>,
    dwell_ms: Vec<u16>,
    flight_ms: Vec<u16>,
    released_at: Option<f64>,
    keys: u16,
}

impl KeyRhythm {
    /// A key went down, at a time in milliseconds. `code` is the physical key, `key` what it means
    /// (W3C UI Events).
    pub fn press(&mut self, code: &str, key: &str, at_ms: f64) {
        if !edits(key) {
            return;
        }
        if self.held.len() == MOST_HELD {
            // Releases can get lost, such as when another window takes the focus.
            self.held.remove(0);
        }
        self.keys = self.keys.saturating_add(1);
        if let Some(released_at) = self.released_at.take() {
            add(&mut self.flight_ms, at_ms - released_at);
        }
        self.held.push((code.to_owned(), at_ms));
    }

    /// A key came up.
    pub fn release(&mut self, code: &str, at_ms: f64) {
        if let Some(held) = self.held.iter().position(|(held, _)| held == code) {
            let (_, pressed_at) = self.held.swap_remove(held);
            add(&mut self.dwell_ms, at_ms - pressed_at);
            self.released_at = Some(at_ms);
        }
    }

    /// What was measured so far.
    pub fn timing(&self) -> KeyTiming {
        KeyTiming {
            dwell_ms_median: median(&self.dwell_ms),
            flight_ms_median: median(&self.flight_ms),
            keys: self.keys,
        }
    }

    /// The median distances of dwell and flight from their medians, in ms.
    pub fn spreads(&self) -> (u16, u16) {
        (spread(&self.dwell_ms), spread(&self.flight_ms))
    }
}

fn edits(key: &str) -> bool {
    key.chars().count() == 1 || matches!(key, "Backspace" | "Delete" | "Process")
}

fn add(samples: &mut Vec<u16>, ms: f64) {
    if samples.len() < MOST_SAMPLES && (0.0..=LONGEST_MS).contains(&ms) {
        // The bounds make the cast exact but for the fraction, which is dropped.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        samples.push(ms as u16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_a_steady_rhythm() {
        let mut rhythm = KeyRhythm::default();
        for (at, code) in ["Digit4", "Digit2", "Digit4", "Backspace"]
            .into_iter()
            .enumerate()
        {
            let start = f64::from(u32::try_from(at).unwrap()) * 200.0;
            let key = if code == "Backspace" {
                "Backspace"
            } else {
                "4"
            };
            rhythm.press(code, key, start);
            rhythm.release(code, start + 70.9);
        }
        let timing = KeyTiming {
            dwell_ms_median: 70,
            flight_ms_median: 129,
            keys: 4,
        };
        assert_eq!(rhythm.timing(), timing);
    }

    #[test]
    fn overlapping_keys_are_told_apart() {
        let mut rhythm = KeyRhythm::default();
        rhythm.press("KeyA", "a", 0.0);
        rhythm.press("KeyB", "b", 50.0);
        rhythm.release("KeyA", 80.0);
        rhythm.release("KeyB", 150.0);
        rhythm.release("KeyC", 160.0);
        let timing = KeyTiming {
            dwell_ms_median: 100,
            flight_ms_median: 0,
            keys: 2,
        };
        assert_eq!(rhythm.timing(), timing);
    }

    #[test]
    fn what_edits_nothing_does_not_count() {
        let mut rhythm = KeyRhythm::default();
        for key in ["Tab", "Shift", "ArrowLeft", "Unidentified", "", "Enter"] {
            rhythm.press(key, key, 0.0);
            rhythm.release(key, 10.0);
        }
        assert_eq!(rhythm.timing(), KeyTiming::default());
    }

    #[test]
    fn pauses_and_floods_are_bounded() {
        let mut rhythm = KeyRhythm::default();
        rhythm.press("KeyA", "a", 0.0);
        rhythm.release("KeyA", 60.0);
        rhythm.press("KeyA", "a", 60_000.0);
        assert_eq!(rhythm.timing().flight_ms_median, 0);
        for _ in 0..100_000 {
            rhythm.press("KeyA", "a", 0.0);
            rhythm.release("KeyA", f64::NAN);
        }
        assert_eq!(rhythm.timing().keys, u16::MAX);
        assert!(rhythm.held.len() <= MOST_HELD && rhythm.dwell_ms.len() <= MOST_SAMPLES);
    }
}
