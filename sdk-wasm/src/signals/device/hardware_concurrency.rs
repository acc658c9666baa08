//! `hardware_concurrency`: how many logical processors `navigator.hardwareConcurrency` counts
//! (HTML). Safari caps it at 8, Firefox lowers it when it resists fingerprinting.

use super::super::{
    probe,
    registry::{Environment, Measured},
};

pub(in super::super) fn measure(environment: &Environment<'_>) -> Measured {
    Ok(super::int(probe::number(
        &environment.navigator,
        "hardwareConcurrency",
    )?))
}
