//! Whether what comes in is still like what a model was trained on: the population stability index.
//!
//! `PSI = sum over bins of (seen - expected) ln(seen / expected)`, the symmetric Kullback and Leibler divergence of two
//! histograms. Usual reading: below 0.1 nothing has moved, above 0.25 the model should be looked at.

use serde::{Deserialize, Serialize};

use crate::error::{ModelError, refuse};

/// Bins of what is there, at most; one more is for what is missing.
const MAX_BINS: usize = 10;
/// What a bin is taken to hold at least, so that an empty one does not make it infinite.
const LEAST: f64 = 1e-4;

/// How a feature, or the score, was distributed in training.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// Where bins meet, rising.
    edges: Vec<f32>,
    /// Share of the rows in each bin; the last is what was missing.
    shares: Vec<f32>,
}

impl Distribution {
    /// Of values, in which NaN is a missing one: about as many in each bin.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "shares of counts far below 2^52"
    )]
    pub fn new(values: &[f32]) -> Self {
        let mut present: Vec<f32> = values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        present.sort_unstable_by(f32::total_cmp);
        let mut edges: Vec<f32> = Vec::new();
        for bin in 1..MAX_BINS {
            let edge = present.get(present.len() * bin / MAX_BINS).copied();
            // An edge at the least value would leave an empty bin below it.
            let least = edges.last().or(present.first()).copied();
            if let (Some(edge), Some(least)) = (edge, least)
                && edge > least
            {
                edges.push(edge);
            }
        }
        let mut distribution = Self {
            shares: vec![0.0; edges.len() + 2],
            edges,
        };
        let mut counts = vec![0_u64; distribution.bins()];
        for value in values {
            counts[distribution.bin(*value)] += 1;
        }
        let all = values.len().max(1) as f32;
        distribution.shares = counts.iter().map(|count| *count as f32 / all).collect();
        distribution
    }

    /// How many bins, with that of missing values.
    pub const fn bins(&self) -> usize {
        self.shares.len()
    }

    /// The bin of a value.
    pub fn bin(&self, value: f32) -> usize {
        match value.is_finite() {
            true => self.edges.partition_point(|edge| *edge <= value),
            false => self.bins() - 1,
        }
    }

    /// The index of counts by bin; nothing without a count.
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub fn stability(&self, counts: &[u64]) -> Option<f64> {
        let all: u64 = counts.iter().sum();
        if all == 0 || counts.len() != self.bins() {
            return None;
        }
        let term = |(share, count): (&f32, &u64)| {
            let expected = f64::from(*share).max(LEAST);
            let seen = (*count as f64 / all as f64).max(LEAST);
            (seen - expected) * (seen / expected).ln()
        };
        Some(self.shares.iter().zip(counts).map(term).sum())
    }

    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let rises = self.edges.iter().all(|edge| edge.is_finite())
            && self.edges.windows(2).all(|pair| pair[0] < pair[1]);
        let are_shares = self.shares.iter().all(|share| (0.0..=1.0).contains(share));
        match rises
            && are_shares
            && self.edges.len() < MAX_BINS
            && self.shares.len() == self.edges.len() + 2
        {
            true => Ok(()),
            false => refuse("a distribution is none"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "drawn numbers")]
mod tests {
    use super::*;
    use crate::random::Random;

    fn counts(distribution: &Distribution, values: &[f32]) -> Vec<u64> {
        let mut counts = vec![0; distribution.bins()];
        for value in values {
            counts[distribution.bin(*value)] += 1;
        }
        counts
    }

    fn drawn(mean: f64, missing: f64) -> Vec<f32> {
        let mut random = Random::new(11);
        let mut draw = || match random.chance(missing) {
            true => f32::NAN,
            false => random.normal(mean, 1.0) as f32,
        };
        (0..10_000).map(|_| draw()).collect()
    }

    #[test]
    fn what_moves_is_told_from_what_does_not() {
        let trained = Distribution::new(&drawn(0.0, 0.0));
        let psi = |values: &[f32]| trained.stability(&counts(&trained, values)).unwrap();
        assert!(psi(&drawn(0.0, 0.0)) < 1e-9);
        // One deviation: (mean difference)^2 = 1 for normal ones, a little less in bins.
        assert!((0.8..1.1).contains(&psi(&drawn(1.0, 0.0))));
        assert!(psi(&drawn(0.0, 0.3)) > 0.25);
        assert_eq!(trained.stability(&vec![0; trained.bins()]), None);
        assert_eq!(trained.stability(&[1]), None);
    }

    #[test]
    fn a_feature_of_one_value_or_none_has_a_distribution() {
        for values in [vec![1.0_f32; 50], vec![f32::NAN; 50], vec![0.0, 1.0]] {
            let distribution = Distribution::new(&values);
            distribution.check().unwrap();
            assert!(
                distribution
                    .stability(&counts(&distribution, &values))
                    .unwrap()
                    < 1e-9
            );
        }
    }
}
