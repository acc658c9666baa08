//! The best question for a node.

use super::{Settings, grow::Gradient};

/// A question and what it divides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    pub(super) gain: f64,
    pub(super) feature: usize,
    /// Bins up to it go left.
    pub(super) bin: usize,
    pub(super) default_left: bool,
    pub(super) left: Gradient,
    pub(super) right: Gradient,
}

/// Between what a node's answer has to lie, so that constraints hold in the whole tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    pub(super) const NONE: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    /// Of the children of a split by a feature of this constraint.
    pub(super) fn of_children(
        self,
        split: &Split,
        constraint: i8,
        settings: &Settings,
    ) -> [Self; 2] {
        let middle = f64::midpoint(
            weight(split.left, self, settings),
            weight(split.right, self, settings),
        );
        let below = Self {
            high: middle,
            ..self
        };
        let above = Self {
            low: middle,
            ..self
        };
        match constraint {
            1 => [below, above],
            -1 => [above, below],
            _ => [self, self],
        }
    }
}

/// A leaf's answer before the learning rate.
pub(super) fn weight(sum: Gradient, bounds: Bounds, settings: &Settings) -> f64 {
    let divisor = sum.second + settings.lambda;
    match divisor > 0.0 {
        true => (-sum.first / divisor).clamp(bounds.low, bounds.high),
        false => 0.0_f64.clamp(bounds.low, bounds.high),
    }
}

/// How much better a leaf's answer is than none.
fn score(sum: Gradient, weight: f64, settings: &Settings) -> f64 {
    -(2.0 * sum.first * weight + (sum.second + settings.lambda) * weight * weight)
}

/// Keeps the best split of a node so far.
pub(super) struct Search<'a> {
    settings: &'a Settings,
    bounds: Bounds,
    sum: Gradient,
    without: f64,
    pub(super) best: Option<Split>,
}

impl<'a> Search<'a> {
    pub(super) fn new(settings: &'a Settings, sum: Gradient, bounds: Bounds) -> Self {
        Self {
            settings,
            bounds,
            sum,
            without: score(sum, weight(sum, bounds, settings), settings),
            best: None,
        }
    }

    /// Tries every place between the bins of a feature, with what is missing on either side.
    pub(super) fn try_feature(&mut self, feature: usize, bins: &[Gradient], missing: Gradient) {
        let mut below = Gradient::default();
        for (bin, sum) in bins.iter().enumerate() {
            below += *sum;
            if sum.second == 0.0 && bin + 1 < bins.len() {
                // The same division as at the bin before.
                continue;
            }
            if bin + 1 < bins.len() {
                self.try_division(feature, bin, false, below);
            }
            if missing.second > 0.0 {
                // Everything that is there on one side is a division too.
                if bin + 1 < bins.len() {
                    self.try_division(feature, bin, true, below + missing);
                } else {
                    self.try_division(feature, bin, false, below);
                }
            }
        }
    }

    fn try_division(&mut self, feature: usize, bin: usize, default_left: bool, left: Gradient) {
        let right = self.sum - left;
        let settings = self.settings;
        let least = settings.min_child_weight.max(1e-12);
        if left.second < least || right.second < least {
            return;
        }
        let [on_left, on_right] = [left, right].map(|sum| weight(sum, self.bounds, settings));
        match settings.monotone.get(feature) {
            Some(1) if on_left > on_right => return,
            Some(-1) if on_left < on_right => return,
            _ => {}
        }
        let gain = score(left, on_left, settings) + score(right, on_right, settings) - self.without;
        // Less than a rounding error is no gain; XGBoost asks for as much.
        let least = (2.0 * settings.gamma).max(1e-6);
        if gain > least && self.best.is_none_or(|best| gain > best.gain) {
            self.best = Some(Split {
                gain,
                feature,
                bin,
                default_left,
                left,
                right,
            });
        }
    }
}
