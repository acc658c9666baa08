//! `time_zone`: the IANA time zone that `Intl.DateTimeFormat` resolves to (ECMA-402), such as
//! `Europe/Vienna`.

use waxseal_protocol::signal::SignalValue;

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(environment: &Environment<'_>) -> Measured {
    let Some(intl) = probe::property(&environment.window, "Intl")? else {
        return Ok(None);
    };
    let Some(format) = probe::call(&intl, "DateTimeFormat")? else {
        return Ok(None);
    };
    let Some(options) = probe::call(&format, "resolvedOptions")? else {
        return Ok(None);
    };
    Ok(probe::text(&options, "timeZone")?.map(SignalValue::Text))
}
