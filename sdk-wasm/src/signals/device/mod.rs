//! The device and its browser.

pub(super) mod hardware_concurrency;
pub(super) mod languages;
pub(super) mod pixel_ratio;
pub(super) mod platform;
pub(super) mod screen;
pub(super) mod time_zone;
pub(super) mod touch_points;
pub(super) mod utc_offset_min;

use waxseal_protocol::signal::SignalValue;

/// A number as a signal's value, rounded towards zero. What is no finite number counts as absent.
fn int(number: Option<f64>) -> Option<SignalValue> {
    // The cast saturates; the registry of the protocol bounds it further.
    #[allow(clippy::cast_possible_truncation)]
    number
        .filter(|number| number.is_finite())
        .map(|number| SignalValue::Int(number as i32))
}
