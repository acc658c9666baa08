//! `languages`: the preferred languages of `navigator.languages`, best first (HTML). Older browsers
//! have `navigator.language` only.

use alloc::vec;

use waxseal_protocol::signal::SignalValue;

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(environment: &Environment<'_>) -> Measured {
    if let Some(languages) = probe::texts(&environment.navigator, "languages")? {
        return Ok(Some(SignalValue::Texts(languages)));
    }
    let language = probe::text(&environment.navigator, "language")?;
    Ok(language.map(|language| SignalValue::Texts(vec![language])))
}
