//! Every signal and the function that measures it.

use js_sys::Date;
use wasm_bindgen::JsValue;
use waxseal_protocol::{
    message::SignalLevel,
    seal::BrowserData,
    signal::{Group, Outcome, Reading, SignalName, SignalValue, Signals},
};

use super::{
    behaviour::Behaviour,
    collected::Collected,
    device::{
        hardware_concurrency, languages, pixel_ratio, platform, screen, time_zone, touch_points,
        utc_offset_min,
    },
    probe,
};

/// What there is to measure.
pub struct Environment<'a> {
    pub(super) window: JsValue,
    pub(super) navigator: JsValue,
    pub(super) screen: JsValue,
    behaviour: &'a Behaviour,
    collected: Collected,
    clock: web_sys::Performance,
}

/// The value, or nothing where the browser lacks it, or what reading it threw.
pub(super) type Measured = Result<Option<SignalValue>, JsValue>;

impl<'a> Environment<'a> {
    /// This browser, how the form was filled, and what the script collected. Nothing where there is no
    /// window.
    pub fn new(behaviour: &'a Behaviour, collected: Collected) -> Option<Self> {
        let window = web_sys::window()?;
        Some(Self {
            navigator: window.navigator().into(),
            screen: window.screen().map_or(JsValue::UNDEFINED, Into::into),
            behaviour,
            collected,
            clock: window.performance()?,
            window: window.into(),
        })
    }
}

/// Measures every signal of that level. What the browser masks to protect its user is left out.
pub fn measure(environment: &Environment<'_>, level: SignalLevel) -> Signals {
    let mut signals = Signals::new();
    if cfg!(waxseal_without_signals) {
        return signals;
    }
    let privacy = environment.collected.privacy();
    for name in SignalName::ALL {
        if name.collected_at(level) {
            let is_masked = privacy.is_some_and(|mode| mode.masks(name));
            let reading = match (is_masked, name.is_compact()) {
                (true, true) => Reading::new(Outcome::Masked, 0),
                // Verifiers of the first release know no other word for it.
                (true, false) => Reading::new(Outcome::Skipped, 0),
                (false, true) if name.group() != Group::Behaviour => {
                    environment.collected.reading(name)
                }
                (false, _) => reading(environment, name),
            };
            signals.insert(name, reading);
        }
    }
    signals
}

/// What 3-D Secure needs, whatever the level: a browser that hides some of it gets the defaults.
pub fn browser_data(environment: &Environment<'_>) -> BrowserData {
    let text = |name| {
        probe::text(&environment.navigator, name)
            .ok()
            .flatten()
            .unwrap_or_default()
    };
    let pixels = |name| {
        probe::number(&environment.screen, name)
            .ok()
            .flatten()
            .unwrap_or_default()
    };
    let languages = probe::texts(&environment.navigator, "languages")
        .ok()
        .flatten();
    // The casts saturate, and BrowserData::bounded() cuts to what the envelope takes.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    BrowserData {
        accept_language: languages.unwrap_or_default().join(","),
        color_depth: pixels("colorDepth") as u8,
        java_enabled: false,
        javascript_enabled: true,
        language: text("language"),
        screen_height: pixels("height") as u32,
        screen_width: pixels("width") as u32,
        tz_offset_min: Date::new_0().get_timezone_offset() as i16,
        user_agent: text("userAgent"),
    }
    .bounded()
}

fn measure_one(environment: &Environment<'_>, name: SignalName) -> Measured {
    match name {
        SignalName::HardwareConcurrency => hardware_concurrency::measure(environment),
        SignalName::Languages => languages::measure(environment),
        SignalName::PixelRatio => pixel_ratio::measure(environment),
        SignalName::Platform => platform::measure(environment),
        SignalName::Screen => screen::measure(environment),
        SignalName::TimeZone => time_zone::measure(environment),
        SignalName::TouchPoints => touch_points::measure(environment),
        SignalName::UtcOffsetMin => utc_offset_min::measure(environment),
        _ => Ok(environment.behaviour.value(name, environment.clock.now())),
    }
}

/// Device signals are measured twice: what a page or an extension makes up anew each time is no
/// property of the device.
fn reading(environment: &Environment<'_>, name: SignalName) -> Reading {
    let start_ms = environment.clock.now();
    let first = measure_one(environment, name);
    let twice = name.group() == Group::Device && first.is_ok();
    let second = if twice {
        measure_one(environment, name)
    } else {
        first.clone()
    };
    let outcome = match (first, second) {
        (Err(_), _) | (_, Err(_)) => Outcome::Error,
        (Ok(first), Ok(second)) if first != second => Outcome::Unstable,
        (Ok(None), _) => Outcome::Skipped,
        (Ok(Some(value)), _) => Outcome::Value(value),
    };
    // A duration of an hour would fit.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let duration_us = ((environment.clock.now() - start_ms) * 1_000.0) as u32;
    Reading::new(outcome, duration_us)
}
