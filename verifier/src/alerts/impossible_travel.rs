//! Somebody who calls from two places between which nobody travels that fast.

use crate::store::sightings::SeenPlace;

/// How fast, and how far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Kilometres an hour.
    pub km_per_h: u32,
    /// Kilometres: what is nearer may be an address that is misplaced.
    pub km: u32,
}

/// A journey that cannot be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Journey {
    /// Kilometres.
    pub distance_km: u32,
    /// Seconds that it took.
    pub elapsed_s: u32,
}

/// Mean radius of the Earth (IUGG).
const EARTH_KM: f64 = 6371.0088;

/// Whether nobody gets from the one place to the other in the time between, in whichever order.
pub(super) fn impossible(from: &SeenPlace, to: &SeenPlace, rule: Rule) -> Option<Journey> {
    let distance_km = distance_km(from, to);
    let elapsed_ms = from.at.millis().abs_diff(to.at.millis());
    #[allow(clippy::cast_precision_loss, reason = "milliseconds, far below 2^52")]
    let hours = elapsed_ms as f64 / 3_600_000.0;
    let is_far = distance_km > f64::from(rule.km);
    if !is_far || distance_km <= hours * f64::from(rule.km_per_h) {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "half the Earth's circumference at most"
    )]
    let distance_km = distance_km as u32;
    Some(Journey {
        distance_km,
        elapsed_s: u32::try_from(elapsed_ms / 1000).unwrap_or(u32::MAX),
    })
}

/// Great-circle distance by the haversine formula.
fn distance_km(from: &SeenPlace, to: &SeenPlace) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "ten-thousandths of a degree")]
    let radians = |e4: i64| (e4 as f64 / 10_000.0).to_radians();
    let (phi1, phi2) = (radians(from.latitude_e4), radians(to.latitude_e4));
    let half_phi = (phi2 - phi1) / 2.0;
    let half_lambda = radians(to.longitude_e4 - from.longitude_e4) / 2.0;
    let h = half_phi.sin().powi(2) + phi1.cos() * phi2.cos() * half_lambda.sin().powi(2);
    2.0 * EARTH_KM * h.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    const RULE: Rule = Rule {
        km_per_h: 900,
        km: 500,
    };
    const LONDON: (i64, i64) = (515_074, -1278);
    const NEW_YORK: (i64, i64) = (407_128, -740_060);
    const PARIS: (i64, i64) = (488_566, 23_522);

    fn seen((latitude_e4, longitude_e4): (i64, i64), at_ms: i64) -> SeenPlace {
        SeenPlace {
            country: String::new(),
            latitude_e4,
            longitude_e4,
            at: Timestamp::from_millis(at_ms),
        }
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let between = |from, to| distance_km(&seen(from, 0), &seen(to, 0));
        assert!((between(LONDON, NEW_YORK) - 5570.0).abs() < 5.0);
        assert!((between(LONDON, PARIS) - 343.5).abs() < 1.0);
        assert!((between((0, 0), (0, 1_800_000)) - 20_015.1).abs() < 1.0);
        // Over the date line, not around the Earth.
        assert!(between((0, 1_799_000), (0, -1_799_000)) < 23.0);
    }

    #[test]
    fn nine_hundred_kilometres_an_hour_are_the_bound() {
        let hour_ms = 3_600_000;
        // A degree of the equator is 111.195 km: 10 of them.
        let far = (0, 100_000);
        let limit_ms = 4_447_803;
        let travel = |elapsed| impossible(&seen((0, 0), 0), &seen(far, elapsed), RULE);
        assert_eq!(
            travel(limit_ms - 10).map(|found| found.distance_km),
            Some(1111)
        );
        assert_eq!(travel(limit_ms + 10), None);
        assert!(travel(0).is_some() && travel(2 * hour_ms).is_none());
        // What comes in the wrong order is the same journey.
        assert!(impossible(&seen(far, 1000), &seen((0, 0), 0), RULE).is_some());
    }

    #[test]
    fn what_is_near_is_no_journey() {
        let travel = |longitude| impossible(&seen((0, 0), 0), &seen((0, longitude), 0), RULE);
        assert_eq!(travel(44_900), None, "499 km");
        assert!(travel(45_000).is_some(), "500.4 km");
    }
}
