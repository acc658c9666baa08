//! `fields`: how each field was filled: the rhythm of its keys, and what put text there without them.

use alloc::vec::Vec;

use waxseal_protocol::signal::FieldInput;

use super::key_timing::KeyRhythm;
use crate::frame::field::Field;

/// Records how the fields are filled.
#[derive(Debug, Default)]
pub struct FieldRecorder {
    fields: [Recorded; FieldInput::FIELDS],
}

#[derive(Debug, Default)]
struct Recorded {
    rhythm: KeyRhythm,
    counts: FieldInput,
    focus_ms: f64,
    entered_at_ms: Option<f64>,
    /// Whether a key went down since the last input.
    has_key: bool,
}

impl FieldRecorder {
    /// A key went down in a field; of one that edits nothing only that it did is kept.
    pub fn press(&mut self, field: Field, code: &str, key: &str, at_ms: f64) {
        let field = self.of(field);
        field.has_key = true;
        field.rhythm.press(code, key, at_ms);
    }

    /// A key came up.
    pub fn release(&mut self, field: Field, code: &str, at_ms: f64) {
        self.of(field).rhythm.release(code, at_ms);
    }

    /// Something was pasted.
    pub fn paste(&mut self, field: Field) {
        count(&mut self.of(field).counts.pastes);
    }

    /// The text changed; `input_type` as of the W3C Input Events, empty where the event has none: then
    /// the browser filled the field in. `is_trusted` is false of an event that a script made.
    pub fn input(&mut self, field: Field, input_type: &str, is_trusted: bool) {
        let field = self.of(field);
        let has_key = core::mem::take(&mut field.has_key);
        let counts = &mut field.counts;
        if !is_trusted {
            count(&mut counts.sets);
        } else if input_type.starts_with("delete") {
            count(&mut counts.corrections);
        } else if matches!(input_type, "" | "insertReplacementText") {
            count(&mut counts.autofills);
        } else if matches!(input_type, "insertText" | "insertCompositionText") && !has_key {
            count(&mut counts.keyless);
        }
    }

    /// Text was there that no event had told of.
    pub fn set(&mut self, field: Field) {
        count(&mut self.of(field).counts.sets);
    }

    /// The focus came.
    pub fn enter(&mut self, field: Field, at_ms: f64) {
        let field = self.of(field);
        count(&mut field.counts.visits);
        field.entered_at_ms = Some(at_ms);
    }

    /// The focus went.
    pub fn leave(&mut self, field: Field, at_ms: f64) {
        let field = self.of(field);
        if let Some(entered_at_ms) = field.entered_at_ms.take() {
            field.focus_ms += at_ms - entered_at_ms;
        }
    }

    /// The numbers of the signal so far.
    pub fn ints(&self, now_ms: f64) -> Vec<i32> {
        FieldInput::to_ints(&self.fields.each_ref().map(|field| field.summary(now_ms)))
    }

    fn of(&mut self, field: Field) -> &mut Recorded {
        &mut self.fields[field as usize]
    }
}

impl Recorded {
    fn summary(&self, now_ms: f64) -> FieldInput {
        let timing = self.rhythm.timing();
        let (dwell_ms_spread, flight_ms_spread) = self.rhythm.spreads();
        let open_ms = self.entered_at_ms.map_or(0.0, |at_ms| now_ms - at_ms);
        // The cast saturates, and drops the fraction.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let focus_ds = ((self.focus_ms + open_ms) / 100.0) as u16;
        FieldInput {
            keys: timing.keys,
            dwell_ms_median: timing.dwell_ms_median,
            dwell_ms_spread,
            flight_ms_median: timing.flight_ms_median,
            flight_ms_spread,
            focus_ds,
            ..self.counts
        }
    }
}

fn count(counter: &mut u16) {
    *counter = counter.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(recorder: &FieldRecorder, field: Field, now_ms: f64) -> FieldInput {
        FieldInput::from_ints(&recorder.ints(now_ms))[field as usize]
    }

    #[test]
    fn typing_has_a_rhythm_of_its_own_in_each_field() {
        let mut recorder = FieldRecorder::default();
        recorder.enter(Field::Number, 1_000.0);
        for (at_ms, held_ms) in [(1_100.0, 60.0), (1_300.0, 80.0), (1_500.0, 70.0)] {
            recorder.press(Field::Number, "Digit4", "4", at_ms);
            recorder.input(Field::Number, "insertText", true);
            recorder.release(Field::Number, "Digit4", at_ms + held_ms);
        }
        recorder.leave(Field::Number, 3_050.0);
        recorder.enter(Field::Cvc, 3_100.0);
        let expected = FieldInput {
            keys: 3,
            dwell_ms_median: 70,
            dwell_ms_spread: 10,
            flight_ms_median: 140,
            flight_ms_spread: 20,
            visits: 1,
            focus_ds: 20,
            ..FieldInput::default()
        };
        assert_eq!(summary(&recorder, Field::Number, 9_000.0), expected);
        let cvc = summary(&recorder, Field::Cvc, 4_100.0);
        assert_eq!((cvc.keys, cvc.visits, cvc.focus_ds), (0, 1, 10));
    }

    #[test]
    fn what_comes_without_keys_is_told_apart() {
        let mut recorder = FieldRecorder::default();
        recorder.press(Field::Name, "", "Unidentified", 0.0);
        recorder.input(Field::Name, "insertText", true);
        assert_eq!(summary(&recorder, Field::Name, 0.0), FieldInput::default());
        recorder.input(Field::Name, "insertText", true);
        recorder.input(Field::Name, "deleteContentBackward", true);
        recorder.input(Field::Name, "", true);
        recorder.paste(Field::Name);
        recorder.input(Field::Name, "insertFromPaste", true);
        recorder.input(Field::Name, "", false);
        recorder.input(Field::Name, "insertText", false);
        recorder.set(Field::Name);
        let expected = FieldInput {
            corrections: 1,
            pastes: 1,
            autofills: 1,
            keyless: 1,
            sets: 3,
            ..FieldInput::default()
        };
        assert_eq!(summary(&recorder, Field::Name, 0.0), expected);
    }
}
