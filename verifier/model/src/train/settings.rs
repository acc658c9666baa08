//! What can be set, and in which range.

use serde::{Deserialize, Serialize};

use crate::{
    error::{ModelError, refuse},
    forest::{MAX_DEPTH, MAX_TREES},
    table::Table,
};

/// Settings of a training.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Trees, at most.
    pub rounds: u32,
    /// By which each tree's answers are multiplied.
    pub learning_rate: f64,
    /// Questions from a root to a leaf, at most.
    pub depth: u8,
    /// L2 on the leaves' answers.
    pub lambda: f64,
    /// What a split has to gain.
    pub gamma: f64,
    /// Sum of hessians that a child has to have.
    pub min_child_weight: f64,
    /// Bins of a feature, at most. A feature with no more different values is split exactly.
    pub max_bins: u16,
    /// What a fraud counts, where everything else counts 1.
    pub positive_weight: f64,
    /// The probability that training starts from; the share of fraud if not given.
    pub base_score: Option<f64>,
    /// Share of the rows that each tree sees.
    pub row_share: f64,
    /// Share of the features that each tree sees.
    pub feature_share: f64,
    /// For each feature whether the score may only rise with it (1), only fall (-1), or either (0); empty for none.
    pub monotone: Vec<i8>,
    /// By which measure to stop, and how many rounds without a better one are waited for.
    pub stop: Option<(StopAfter, u32)>,
    /// Of rows and features that are drawn.
    pub seed: u64,
}

/// Measures that training can be stopped by.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopAfter {
    /// Average precision: the ranking's.
    AveragePrecision,
    /// Mean logistic loss: the probabilities'.
    LogLoss,
}

impl Default for Settings {
    /// 100 trees of depth 3 at a rate of 0.1, from a probability of one half.
    fn default() -> Self {
        Self {
            rounds: 100,
            learning_rate: 0.1,
            depth: 3,
            lambda: 1.0,
            gamma: 0.0,
            min_child_weight: 1.0,
            max_bins: 4_096,
            positive_weight: 1.0,
            base_score: Some(0.5),
            row_share: 1.0,
            feature_share: 1.0,
            monotone: Vec::new(),
            stop: None,
            seed: 0,
        }
    }
}

impl Settings {
    pub(super) fn check(&self, features: usize) -> Result<(), ModelError> {
        let within =
            |name: &str, value: f64, low: f64, high: f64| match value >= low && value <= high {
                true => Ok(()),
                false => refuse(format!("{name} is {value}; give {low} to {high}")),
            };
        #[allow(clippy::cast_precision_loss, reason = "small limits")]
        let (trees, depth) = (MAX_TREES as f64, MAX_DEPTH as f64 - 4.0);
        within("rounds", self.rounds.into(), 1.0, trees)?;
        within("learning rate", self.learning_rate, 1e-4, 1.0)?;
        within("depth", self.depth.into(), 1.0, depth)?;
        within("lambda", self.lambda, 0.0, 1e6)?;
        within("gamma", self.gamma, 0.0, 1e6)?;
        within("min child weight", self.min_child_weight, 0.0, 1e9)?;
        within(
            "max bins",
            self.max_bins.into(),
            2.0,
            f64::from(u16::MAX - 1),
        )?;
        within("positive weight", self.positive_weight, 1e-3, 1e6)?;
        within(
            "base score",
            self.base_score.unwrap_or(0.5),
            1e-6,
            1.0 - 1e-6,
        )?;
        within("row share", self.row_share, 0.01, 1.0)?;
        within("feature share", self.feature_share, 0.01, 1.0)?;
        let monotone = &self.monotone;
        if !monotone.is_empty() && monotone.len() != features {
            return refuse("monotone constraints are not as many as features");
        }
        if monotone
            .iter()
            .any(|constraint| !(-1..=1).contains(constraint))
        {
            return refuse("a monotone constraint is 1, 0 or -1");
        }
        match self.stop {
            Some((_, 0)) => refuse("early stopping waits for at least one round"),
            _ => Ok(()),
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a margin, and counts far below 2^52"
    )]
    pub(super) fn base_margin(&self, table: &Table) -> f32 {
        let positives = table.positives() as f64 * self.positive_weight;
        let negatives = (table.len() - table.positives()) as f64;
        let share = positives / (positives + negatives);
        let score = self.base_score.unwrap_or(share);
        (score / (1.0 - score)).ln() as f32
    }
}
