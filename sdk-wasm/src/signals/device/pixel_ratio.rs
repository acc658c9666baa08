//! `pixel_ratio`: `devicePixelRatio` (CSSOM View) in thousandths, so that it stays a whole number.
//! It changes with the page's zoom. Chromium's emulated phones say 1 in a frame of another process.

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(environment: &Environment<'_>) -> Measured {
    let ratio = probe::number(&environment.window, "devicePixelRatio")?;
    Ok(super::int(ratio.map(|ratio| ratio * 1_000.0 + 0.5)))
}
