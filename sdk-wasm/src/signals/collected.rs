//! What the frame's script collected while the form was idle: drawing, asking and comparing, whose glue
//! would be larger than the script is. It is in `sdk-wasm/js/frame/signals`, a file a signal.

use alloc::string::String;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use waxseal_protocol::signal::{Kind, Outcome, PrivacyMode, Reading, SignalName, SignalValue};

use super::probe;

/// An object of readings by name, each in the short form: `[us, value]`, `{"s": us}`.
pub struct Collected(JsValue);

impl Collected {
    /// What the script gave.
    pub fn new(readings: JsValue) -> Self {
        Self(readings)
    }

    /// The reading of a signal. One that is not there was not collected in time.
    pub(super) fn reading(&self, name: SignalName) -> Reading {
        let Ok(Some(reading)) = probe::property(&self.0, name.as_str()) else {
            return Reading::new(Outcome::Skipped, 0);
        };
        if let Some([us, value]) = pair(&reading) {
            let value = value_of(name.kind(), &value);
            return Reading::new(value.map_or(Outcome::Error, Outcome::Value), whole(&us));
        }
        for (letter, outcome) in [("u", Outcome::Unstable), ("s", Outcome::Skipped)] {
            if let Ok(Some(us)) = probe::property(&reading, letter) {
                return Reading::new(outcome, whole(&us));
            }
        }
        let us = probe::property(&reading, "e").ok().flatten();
        Reading::new(Outcome::Error, whole(&us.unwrap_or_default()))
    }

    /// The mode that masks some of the signals.
    pub(super) fn privacy(&self) -> Option<PrivacyMode> {
        match self.reading(SignalName::Privacy).value()? {
            SignalValue::Text(mode) => PrivacyMode::parse(mode),
            _ => None,
        }
    }
}

fn pair(reading: &JsValue) -> Option<[JsValue; 2]> {
    let pair = reading.dyn_ref::<Array>()?;
    Some([pair.get(0), pair.get(1)])
}

fn value_of(kind: Kind, value: &JsValue) -> Option<SignalValue> {
    Some(match kind {
        Kind::Bits(_) | Kind::Int { .. } => SignalValue::Int(int(value)?),
        Kind::Digits(_) | Kind::Plain(_) => SignalValue::Text(value.as_string()?),
        Kind::Ints { .. } => SignalValue::Ints(
            value
                .dyn_ref::<Array>()?
                .iter()
                .map(|entry| int(&entry))
                .collect::<Option<_>>()?,
        ),
        Kind::Plains { .. } => SignalValue::Texts(
            value
                .dyn_ref::<Array>()?
                .iter()
                .map(|entry| entry.as_string())
                .collect::<Option<alloc::vec::Vec<String>>>()?,
        ),
        _ => return None,
    })
}

fn int(value: &JsValue) -> Option<i32> {
    // The cast saturates; the registry bounds it further.
    #[allow(clippy::cast_possible_truncation)]
    value.as_f64().map(|number| number as i32)
}

fn whole(us: &JsValue) -> u32 {
    // The cast saturates.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    us.as_f64().map_or(0, |us| us as u32)
}
