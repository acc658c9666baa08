//! Limits out of the way, for what is not about them.

use waxseal_verifier::{
    config::Config,
    limits::{Limit, Rate},
};

const MOST: u32 = 1_000_000;

/// Lets everybody ask as often as they like.
pub fn lift_limits(config: &mut Config) {
    for limit in Limit::ALL {
        config.limits.rates.set(limit, Rate::per_second(MOST, MOST));
    }
}

/// The same as options of a `verifier` process, such as `LIMITS__CARD_PER_S`, with their values.
pub fn lifted_limits() -> Vec<(String, String)> {
    let options = Limit::ALL.map(|limit| {
        let name = limit.name().to_uppercase();
        ["PER_S", "BURST"].map(|unit| (format!("LIMITS__{name}_{unit}"), MOST.to_string()))
    });
    options.into_iter().flatten().collect()
}
