//! How the form was filled. Recorded from the moment that the form is there.

pub mod completion;
pub mod field_input;
pub mod focus_order;
pub mod key_timing;
mod median;
pub mod paste_counts;
pub mod pointer;
pub mod scroll;

use waxseal_protocol::signal::{SignalName, SignalValue};

use self::{
    completion::Completion, field_input::FieldRecorder, focus_order::FocusOrder,
    key_timing::KeyRhythm, paste_counts::PasteCounter, pointer::PointerPath, scroll::Scrolling,
};
use crate::frame::field::Field;

/// Records how the form is filled. Times are in milliseconds on the document's own clock.
#[derive(Debug, Default)]
pub struct Behaviour {
    /// When it was filled.
    pub completion: Completion,
    fields: FieldRecorder,
    focus_order: FocusOrder,
    rhythm: KeyRhythm,
    pastes: PasteCounter,
    /// How the pointer moved.
    pub pointer: PointerPath,
    /// How the page was scrolled.
    pub scrolling: Scrolling,
}

impl Behaviour {
    /// A key went down in a field. `code` is the physical key, `key` what it means (W3C UI Events);
    /// both are forgotten at its release.
    pub fn press(&mut self, field: Field, code: &str, key: &str, at_ms: f64) {
        if cfg!(waxseal_without_signals) {
            return;
        }
        self.rhythm.press(code, key, at_ms);
        self.fields.press(field, code, key, at_ms);
    }

    /// A key came up.
    pub fn release(&mut self, field: Field, code: &str, at_ms: f64) {
        if cfg!(waxseal_without_signals) {
            return;
        }
        self.rhythm.release(code, at_ms);
        self.fields.release(field, code, at_ms);
    }

    /// Something was pasted into a field.
    pub fn paste(&mut self, field: Field) {
        if cfg!(waxseal_without_signals) {
            return;
        }
        self.pastes.count(field);
        self.fields.paste(field);
    }

    /// A field's text changed; see [`FieldRecorder::input`].
    pub fn input(&mut self, field: Field, input_type: &str, is_trusted: bool, at_ms: f64) {
        if cfg!(waxseal_without_signals) {
            return;
        }
        self.completion.input(is_trusted, at_ms);
        self.fields.input(field, input_type, is_trusted);
    }

    /// A field had a text that no event told of.
    pub fn set(&mut self, field: Field) {
        if cfg!(waxseal_without_signals) {
            return;
        }
        self.fields.set(field);
    }

    /// The focus came to a field.
    pub fn enter(&mut self, field: Field, at_ms: f64) {
        if cfg!(waxseal_without_signals) {
            return;
        }
        self.focus_order.enter(field);
        self.fields.enter(field, at_ms);
    }

    /// The focus left a field.
    pub fn leave(&mut self, field: Field, at_ms: f64) {
        if cfg!(waxseal_without_signals) {
            return;
        }
        self.fields.leave(field, at_ms);
    }

    /// The value of a signal of behaviour, as of now; nothing for another signal.
    pub fn value(&self, name: SignalName, now_ms: f64) -> Option<SignalValue> {
        Some(match name {
            SignalName::Completion => SignalValue::Ints(self.completion.ints(now_ms)),
            SignalName::Fields => SignalValue::Ints(self.fields.ints(now_ms)),
            SignalName::FocusOrder => SignalValue::Text(self.focus_order.digits()),
            SignalName::KeyTiming => SignalValue::KeyTiming(self.rhythm.timing()),
            SignalName::PasteCounts => SignalValue::PasteCounts(self.pastes.counts()),
            SignalName::Pointer => SignalValue::Ints(self.pointer.ints()),
            SignalName::Scroll => SignalValue::Ints(self.scrolling.ints()),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use waxseal_protocol::signal::{Group, Outcome, Reading, Signals};

    use super::*;

    #[test]
    fn every_signal_of_behaviour_has_a_value_within_its_bounds() {
        let behaviour = Behaviour::default();
        for name in SignalName::ALL {
            let value = behaviour.value(name, 0.0);
            assert_eq!(
                value.is_some(),
                name.group() == Group::Behaviour,
                "{name:?}"
            );
            if let Some(value) = value {
                let reading = Reading::new(Outcome::Value(value.clone()), 0);
                let mut signals = Signals::new();
                assert!(signals.insert(name, reading));
                assert_eq!(signals.value(name), Some(&value), "{name:?}");
            }
        }
    }
}
