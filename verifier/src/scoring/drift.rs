//! Whether what comes in is still like what the champion was trained on.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Scorer, models::InUse};
use crate::{
    alerts,
    app::App,
    store::{
        StoreError, Subject, SubjectKind,
        alerts::{Detail, Sign},
    },
};

/// Submissions from which an index says something.
const ENOUGH: u64 = 2_000;
/// Thousandths from which somebody should look: above it, the distribution is another one.
const MOVED_PERMILLE: u64 = 250;

/// Submissions by bins of each feature and of the score, since the model is in use here or was looked at last.
pub(super) struct Counts {
    features: Vec<Vec<AtomicU64>>,
    scores: Vec<AtomicU64>,
}

impl Counts {
    pub(super) fn new(scorer: &Scorer) -> Self {
        let zeros = |bins: usize| (0..bins).map(|_| AtomicU64::new(0)).collect();
        Self {
            features: scorer
                .distributions()
                .map(|(_, distribution)| zeros(distribution.bins()))
                .collect(),
            scores: scorer
                .scores()
                .map_or_else(Vec::new, |scores| zeros(scores.bins())),
        }
    }
}

impl InUse {
    /// Counts a submission that the champion scored: its row, and the log-odds.
    #[allow(clippy::cast_possible_truncation, reason = "a bin of a score")]
    pub fn count(&self, row: &[f32], margin: f64) {
        let scorer = &self.champion;
        for (((_, distribution), counts), value) in
            scorer.distributions().zip(&self.counts.features).zip(row)
        {
            counts[distribution.bin(*value)].fetch_add(1, Ordering::Relaxed);
        }
        if let Some(scores) = scorer.scores() {
            let bin = scores.bin(margin as f32);
            self.counts.scores[bin].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The index of the score (`score`) and of each feature, in thousandths; none while there were too few submissions.
    /// Counting begins anew.
    fn take(&self) -> Vec<(&str, u64)> {
        let model = &self.champion;
        let first = self.counts.features.first().unwrap_or(&self.counts.scores);
        if first
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum::<u64>()
            < ENOUGH
        {
            return Vec::new();
        }
        let taken = |counts: &[AtomicU64]| {
            counts
                .iter()
                .map(|count| count.swap(0, Ordering::Relaxed))
                .collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        let score = model.scores().map(|scores| ("score", scores)).into_iter();
        let counts = std::iter::once(&self.counts.scores)
            .take(score.len())
            .chain(&self.counts.features);
        for ((name, distribution), counts) in score.chain(model.distributions()).zip(counts) {
            if let Some(index) = distribution.stability(&taken(counts)) {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "some thousandths"
                )]
                found.push((name, (index * 1_000.0).round() as u64));
            }
        }
        found
    }
}

/// Tells by metrics how far the submissions since the last look are from what the champion was trained on, and raises
/// an alert for each feature, and for the score, that has moved. A model of simulated data is not alerted for: real
/// customers are never like it.
///
/// # Errors
/// When the generator or the store fails.
pub async fn look_at_drift(app: &App) -> Result<(), StoreError> {
    let models = app.models.current();
    let now = app.clock.now();
    for (name, permille) in models.take() {
        let label = name.to_owned();
        #[allow(clippy::cast_precision_loss, reason = "some thousandths")]
        metrics::gauge!("waxseal_model_stability_index", "feature" => label)
            .set(permille as f64 / 1_000.0);
        if permille < MOVED_PERMILLE || models.champion.origin().simulated {
            continue;
        }
        let sign = Sign {
            kind: "model_drift",
            subject: Subject::new(SubjectKind::All, ""),
            aspect: name.to_owned(),
            detail: Detail {
                feature: Some(name.to_owned()),
                stability_permille: Some(permille),
                ..Detail::default()
            },
            count: 1,
            more: 1,
            at: now,
        };
        alerts::raise(app, sign).await?;
    }
    Ok(())
}
