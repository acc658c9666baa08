//! `touch_points`: how many touches at once `navigator.maxTouchPoints` says the device tells apart
//! (W3C Pointer Events); 0 without a touch screen.

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(environment: &Environment<'_>) -> Measured {
    Ok(super::int(probe::number(
        &environment.navigator,
        "maxTouchPoints",
    )?))
}
