//! `utc_offset_min`: minutes that local time is ahead of UTC now: `Date.getTimezoneOffset()`
//! (ECMA-262) with its sign turned.

use js_sys::Date;

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(_: &Environment<'_>) -> Measured {
    let behind = probe::call(&Date::new_0(), "getTimezoneOffset")?;
    Ok(super::int(
        behind
            .and_then(|minutes| minutes.as_f64())
            .map(|minutes| -minutes),
    ))
}
