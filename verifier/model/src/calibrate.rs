//! From log-odds to a probability that means what it says.

use serde::{Deserialize, Serialize};

use crate::{
    error::{ModelError, refuse},
    forest::sigmoid,
};

/// Knots of an isotonic calibration, at most.
const MAX_KNOTS: usize = 256;

/// How log-odds become a probability.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Calibration {
    /// As the logistic function has it.
    #[default]
    None,
    /// The logistic function of `slope * margin + offset` (Platt, 1999).
    Platt {
        /// Above 0.
        slope: f32,
        /// In log-odds.
        offset: f32,
    },
    /// Straight lines between knots that rise in both numbers (margin, probability); level beyond the ends.
    Isotonic(Vec<(f32, f32)>),
}

/// Which calibration to fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// [`Calibration::Isotonic`].
    Isotonic,
    /// [`Calibration::None`].
    None,
    /// [`Calibration::Platt`].
    Platt,
}

impl Calibration {
    /// Fits to what happened, on rows that training did not see.
    ///
    /// # Errors
    /// When all rows are of one class, or the scores say the opposite of what happened.
    pub fn fit(method: Method, labels: &[bool], margins: &[f64]) -> Result<Self, ModelError> {
        if !labels.contains(&true) || !labels.contains(&false) {
            return refuse("the calibration part has one class only");
        }
        let fitted = match method {
            Method::Isotonic => isotonic(labels, margins),
            Method::None => Self::None,
            Method::Platt => platt(labels, margins),
        };
        fitted.check()?;
        Ok(fitted)
    }

    /// The probability of fraud.
    pub fn probability(&self, margin: f64) -> f64 {
        match self {
            Self::None => sigmoid(margin),
            Self::Platt { slope, offset } => {
                sigmoid(f64::from(*slope) * margin + f64::from(*offset))
            }
            Self::Isotonic(knots) => interpolate(knots, margin),
        }
    }

    /// Checks what was read.
    ///
    /// # Errors
    /// When a number is not finite, or a higher margin could have a lower probability.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let is_good = match self {
            Self::None => true,
            Self::Platt { slope, offset } => {
                slope.is_finite() && offset.is_finite() && *slope > 0.0
            }
            Self::Isotonic(knots) => {
                let is_within =
                    |knot: &(f32, f32)| knot.0.is_finite() && (0.0..=1.0).contains(&knot.1);
                let rises = |pair: &[(f32, f32)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
                (1..=MAX_KNOTS).contains(&knots.len())
                    && knots.iter().all(is_within)
                    && knots.windows(2).all(rises)
            }
        };
        match is_good {
            true => Ok(()),
            false => refuse("the calibration is not one that rises"),
        }
    }
}

fn interpolate(knots: &[(f32, f32)], margin: f64) -> f64 {
    let above = knots.partition_point(|knot| f64::from(knot.0) <= margin);
    let of = |at: usize| {
        knots
            .get(at)
            .map_or((0.0, 0.0), |knot| (f64::from(knot.0), f64::from(knot.1)))
    };
    if above == 0 {
        return of(0).1;
    }
    if above == knots.len() {
        return of(above - 1).1;
    }
    let (low, high) = (of(above - 1), of(above));
    low.1 + (high.1 - low.1) * (margin - low.0) / (high.0 - low.0)
}

/// Pool adjacent violators (Ayer et al., 1955), then a knot in the middle of each pool.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "knots, and counts far below 2^52"
)]
fn isotonic(labels: &[bool], margins: &[f64]) -> Calibration {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|one, other| margins[*one].total_cmp(&margins[*other]));
    // Sum of margins, of frauds, and count of each pool.
    let mut pools: Vec<(f64, f64, f64)> = Vec::new();
    for at in order {
        pools.push((margins[at], f64::from(u8::from(labels[at])), 1.0));
        while let [.., before, last] = &pools[..]
            && before.1 * last.2 >= last.1 * before.2
        {
            let joined = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            pools.truncate(pools.len() - 2);
            pools.push(joined);
        }
    }
    let step = pools.len().div_ceil(MAX_KNOTS - 1).max(1);
    let last = pools.len() - 1;
    let kept = pools
        .iter()
        .enumerate()
        .filter(|(at, _)| at % step == 0 || *at == last);
    let knot =
        |(_, pool): (usize, &(f64, f64, f64))| ((pool.0 / pool.2) as f32, (pool.1 / pool.2) as f32);
    let mut knots: Vec<(f32, f32)> = kept.map(knot).collect();
    knots.dedup_by(|later, earlier| later.0 <= earlier.0);
    Calibration::Isotonic(knots)
}

/// Newton's method on two numbers, with the targets that Platt gives so that they stay finite.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "parameters, and counts far below 2^52"
)]
fn platt(labels: &[bool], margins: &[f64]) -> Calibration {
    let positives = labels.iter().filter(|label| **label).count() as f64;
    let negatives = labels.len() as f64 - positives;
    let (high, low) = (
        (positives + 1.0) / (positives + 2.0),
        1.0 / (negatives + 2.0),
    );
    let (mut slope, mut offset) = (1.0, 0.0);
    for _ in 0..100 {
        let mut gradient = [0.0; 2];
        let mut hessian = [1e-9, 0.0, 1e-9];
        for (label, margin) in labels.iter().zip(margins) {
            let probability = sigmoid(slope * margin + offset);
            let error = probability - if *label { high } else { low };
            let weight = (probability * (1.0 - probability)).max(1e-12);
            gradient[0] += error * margin;
            gradient[1] += error;
            hessian[0] += weight * margin * margin;
            hessian[1] += weight * margin;
            hessian[2] += weight;
        }
        let determinant = hessian[0] * hessian[2] - hessian[1] * hessian[1];
        let step = (
            (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant,
            (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant,
        );
        slope -= step.0.clamp(-1.0, 1.0);
        offset -= step.1.clamp(-2.0, 2.0);
        if step.0.abs() + step.1.abs() < 1e-9 {
            break;
        }
    }
    Calibration::Platt {
        slope: slope as f32,
        offset: offset as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{measure::brier, random::Random};

    /// Margins twice as far out as they should be.
    fn overconfident() -> (Vec<bool>, Vec<f64>) {
        let mut random = Random::new(3);
        (0..20_000)
            .map(|_| {
                let margin = random.normal(-2.0, 1.5);
                (random.chance(sigmoid(margin)), margin * 2.0 + 1.0)
            })
            .unzip()
    }

    #[test]
    fn both_methods_find_what_was_distorted() {
        let (labels, margins) = overconfident();
        let Calibration::Platt { slope, offset } =
            Calibration::fit(Method::Platt, &labels, &margins).unwrap()
        else {
            panic!("not Platt's");
        };
        assert!(
            (slope - 0.5).abs() < 0.03 && (offset + 0.5).abs() < 0.06,
            "{slope} {offset}"
        );
        for method in [Method::Platt, Method::Isotonic] {
            let fitted = Calibration::fit(method, &labels, &margins).unwrap();
            let after: Vec<f64> = margins
                .iter()
                .map(|margin| fitted.probability(*margin))
                .collect();
            let before: Vec<f64> = margins.iter().map(|margin| sigmoid(*margin)).collect();
            assert!(
                brier(&labels, &after) < brier(&labels, &before) - 0.003,
                "{method:?}"
            );
            let mut last = 0.0;
            for step in -2_000..2_000 {
                let next = fitted.probability(f64::from(step) / 100.0);
                assert!((last..=1.0).contains(&next), "{method:?} falls at {step}");
                last = next;
            }
        }
    }

    #[test]
    fn one_class_and_what_falls_is_refused() {
        assert!(Calibration::fit(Method::Platt, &[true; 3], &[1.0, 2.0, 3.0]).is_err());
        let (labels, margins) = overconfident();
        let opposite: Vec<f64> = margins.iter().map(|margin| -margin).collect();
        assert!(Calibration::fit(Method::Platt, &labels, &opposite).is_err());
        for bad in [
            Calibration::Isotonic(vec![]),
            Calibration::Isotonic(vec![(0.0, 0.5), (0.0, 0.6)]),
            Calibration::Isotonic(vec![(0.0, 0.5), (1.0, 0.4)]),
            Calibration::Isotonic(vec![(0.0, 1.5)]),
            Calibration::Isotonic(vec![(f32::NAN, 0.5)]),
            Calibration::Platt {
                slope: 0.0,
                offset: 0.0,
            },
            Calibration::Platt {
                slope: 1.0,
                offset: f32::INFINITY,
            },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
