//! `platform`: `navigator.platform` (HTML), such as `Linux x86_64` or `MacIntel`. Deprecated, but in
//! every browser, and what programs that forge a user agent forget.

use waxseal_protocol::signal::SignalValue;

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(environment: &Environment<'_>) -> Measured {
    Ok(probe::text(&environment.navigator, "platform")?.map(SignalValue::Text))
}
