//! `screen`: size, usable size and colour depth of `window.screen` (CSSOM View).

use waxseal_protocol::signal::{Screen, SignalValue};

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(environment: &Environment<'_>) -> Measured {
    let number = |name| probe::number(&environment.screen, name);
    let (Some(width), Some(height)) = (number("width")?, number("height")?) else {
        return Ok(None);
    };
    // A float becomes the nearest number of the type: no screen is out of their range.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let screen = Screen {
        width: width as u16,
        height: height as u16,
        avail_width: number("availWidth")?.unwrap_or_default() as u16,
        avail_height: number("availHeight")?.unwrap_or_default() as u16,
        color_depth: number("colorDepth")?.unwrap_or_default() as u8,
    };
    Ok(Some(SignalValue::Screen(screen)))
}
