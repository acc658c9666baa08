//! What the comparison of two visits weighs, as logarithms of likelihood ratios.

use super::{Component, Form, Sample, Sign, Visit, component::Family};

/// The most that agreement in the model of a device may weigh: of some thousand computers two are alike, of some hundred
/// phones two are.
const MOST_OF_BUILD: [f64; 2] = [8.5, 6.0];
/// The most that one difference may weigh.
const MOST_OF_DIFFERENCE: f64 = 4.0;
/// How many times likelier a change is in what an update of the browser changes, once there was one.
const UPDATED: f64 = 8.0;
/// What a browser that is older than before weighs: they are not taken back.
const OLDER_BROWSER: f64 = -3.0;

/// How rare the values of one visit are, computed once for all that it is compared with.
pub(super) struct Rarity([f64; Component::COUNT]);

impl Rarity {
    pub(super) fn of(visit: &Visit, sample: &Sample) -> Self {
        Self(Component::ALL.map(|component| {
            let digest = visit.digest(component);
            digest.map_or(1.0, |digest| sample.share(component, digest))
        }))
    }
}

/// What speaks for one device, and what against it.
pub(super) struct Weighed {
    /// The sum, without any token.
    pub(super) sum: f64,
    /// What differs alone, below 0.
    pub(super) against: f64,
    /// Each component that both told, heaviest first.
    pub(super) signs: Vec<Sign>,
}

/// Compares a visit with an earlier one, `days` before it.
pub(super) fn weigh(visit: &Visit, rarity: &Rarity, earlier: &Visit, days: f64) -> Weighed {
    let versions = (earlier.browser_version, visit.browser_version);
    let is_update = versions.0 != 0 && versions.1 > versions.0;
    let (mut build, mut person, mut against) = (0.0, 0.0, 0.0);
    let mut signs = Vec::with_capacity(Component::COUNT + 1);
    for component in Component::ALL {
        let (Some(now), Some(then)) = (visit.digest(component), earlier.digest(component)) else {
            continue;
        };
        let row = component.row();
        let mut change = component.change(visit.form, days);
        if is_update && row.is_updated {
            change = (change * UPDATED).min(0.6);
        }
        let share = rarity.0[component as usize];
        let weight = match now == then {
            true => row.weight * ((1.0 - change) / share).ln().max(0.0),
            false => (change / (1.0 - row.shared))
                .ln()
                .clamp(-MOST_OF_DIFFERENCE, 0.0),
        };
        match (now == then, row.family) {
            (true, Family::Build) => build += weight,
            (true, Family::Person) => person += weight,
            (false, _) => against += weight,
        }
        signs.push(Sign {
            name: component.as_str(),
            agrees: now == then,
            weight,
        });
    }
    if versions.0 > versions.1 && versions.1 != 0 {
        against += OLDER_BROWSER;
        signs.push(Sign {
            name: "browser_version",
            agrees: false,
            weight: OLDER_BROWSER,
        });
    }
    if visit.form != earlier.form {
        against -= MOST_OF_DIFFERENCE;
    }
    signs.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    let most = MOST_OF_BUILD[usize::from(visit.form == Form::Phone)];
    Weighed {
        sum: build.min(most) + person + against,
        against,
        signs,
    }
}
