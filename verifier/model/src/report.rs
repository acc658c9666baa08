//! What an evaluation prints.

use std::fmt;

use serde::Serialize;

use crate::measure::{area_under_roc, average_precision, brier, card_precision, curve};

/// Customers that are looked at each day.
const TOP: usize = 100;
/// Shares of honest payments that the thresholds are given for.
const FALSE_SHARES: [f64; 7] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05];
const GROUPS: usize = 10;

/// How a model does on rows.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether the rows were simulated.
    pub simulated: bool,
    /// Rows.
    pub rows: usize,
    /// Frauds among them.
    pub frauds: usize,
    /// Area under the ROC curve.
    pub area_under_roc: f64,
    /// Average precision.
    pub average_precision: f64,
    /// Mean squared error of the probabilities.
    pub brier: f64,
    /// Card precision at 100, where customers and days are known.
    pub card_precision_100: Option<f64>,
    /// Tenths of the rows by their probability, least first.
    pub calibration: Vec<Group>,
    /// What a threshold catches.
    pub thresholds: Vec<Threshold>,
}

/// Rows of about one probability.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Rows.
    pub rows: usize,
    /// Mean probability.
    pub predicted: f64,
    /// Share that was fraud.
    pub observed: f64,
}

/// A probability from which on payments would be stopped.
#[derive(Clone, Debug, Serialize)]
pub struct Threshold {
    /// The probability.
    pub probability: f64,
    /// Share of the frauds that is caught.
    pub recall: f64,
    /// Share of what is stopped that is fraud.
    pub precision: f64,
    /// Share of the honest payments that is stopped.
    pub false_share: f64,
    /// How many payments are stopped.
    pub stopped: u64,
}

impl Report {
    /// Judges probabilities; `cards` are each row's customer and day.
    pub fn new(
        labels: &[bool],
        probabilities: &[f64],
        cards: Option<(&[i64], &[i64])>,
        simulated: bool,
    ) -> Self {
        Self {
            simulated,
            rows: labels.len(),
            frauds: labels.iter().filter(|label| **label).count(),
            area_under_roc: area_under_roc(labels, probabilities),
            average_precision: average_precision(labels, probabilities),
            brier: brier(labels, probabilities),
            card_precision_100: cards.map(|(customers, days)| {
                card_precision(labels, probabilities, customers, days, TOP)
            }),
            calibration: groups(labels, probabilities),
            thresholds: thresholds(labels, probabilities),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn groups(labels: &[bool], probabilities: &[f64]) -> Vec<Group> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|one, other| probabilities[*one].total_cmp(&probabilities[*other]));
    let size = order.len().div_ceil(GROUPS).max(1);
    let group = |rows: &[usize]| Group {
        rows: rows.len(),
        predicted: rows.iter().map(|at| probabilities[*at]).sum::<f64>() / rows.len() as f64,
        observed: rows.iter().filter(|at| labels[**at]).count() as f64 / rows.len() as f64,
    };
    order.chunks(size).map(group).collect()
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn thresholds(labels: &[bool], probabilities: &[f64]) -> Vec<Threshold> {
    let points = curve(labels, probabilities);
    let (all_frauds, all_others) = points.last().map_or((0, 0), |last| (last.1, last.2));
    let within = |share: f64| {
        points
            .iter()
            .rfind(|point| point.2 as f64 <= share * all_others as f64)
    };
    let row = |(probability, frauds, others): &(f64, u64, u64)| Threshold {
        probability: *probability,
        recall: *frauds as f64 / all_frauds.max(1) as f64,
        precision: *frauds as f64 / (frauds + others).max(1) as f64,
        false_share: *others as f64 / all_others.max(1) as f64,
        stopped: frauds + others,
    };
    let mut rows: Vec<Threshold> = FALSE_SHARES
        .iter()
        .filter_map(|share| within(*share))
        .map(row)
        .collect();
    rows.dedup_by_key(|row| row.stopped);
    rows
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let simulated = if self.simulated {
            " (simulated data)"
        } else {
            ""
        };
        writeln!(f, "{} rows, {} frauds{simulated}", self.rows, self.frauds)?;
        writeln!(f, "AUC ROC            {:.4}", self.area_under_roc)?;
        writeln!(f, "average precision  {:.4}", self.average_precision)?;
        if let Some(precision) = self.card_precision_100 {
            writeln!(f, "CP@100             {precision:.4}")?;
        }
        writeln!(f, "Brier              {:.5}", self.brier)?;
        writeln!(f, "\ncalibration\n    rows  predicted   observed")?;
        for group in &self.calibration {
            writeln!(
                f,
                "{:>8}  {:>9.5}  {:>9.5}",
                group.rows, group.predicted, group.observed
            )?;
        }
        writeln!(
            f,
            "\nfrom probability    stopped     recall  precision  of honest ones"
        )?;
        for row in &self.thresholds {
            writeln!(
                f,
                "{:>16.5}  {:>9}  {:>9.4}  {:>9.4}  {:>14.5}",
                row.probability, row.stopped, row.recall, row.precision, row.false_share
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_add_up() {
        let labels: Vec<bool> = (0..1_000).map(|at| at % 10 == 0).collect();
        let probabilities: Vec<f64> = labels
            .iter()
            .enumerate()
            .map(|(at, label)| {
                f64::from(u8::from(*label)) * 0.3 + f64::from(u32::try_from(at).unwrap()) / 2_500.0
            })
            .collect();
        let report = Report::new(&labels, &probabilities, None, true);
        assert_eq!(
            report
                .calibration
                .iter()
                .map(|group| group.rows)
                .sum::<usize>(),
            1_000
        );
        let observed: f64 = report.calibration.iter().map(|group| group.observed).sum();
        assert!((observed / 10.0 - 0.1).abs() < 1e-9);
        // All frauds but the lowest quarter are above every honest payment.
        let first = &report.thresholds[0];
        assert!(
            first.precision > 0.99 && (0.7..0.9).contains(&first.recall),
            "{first:?}"
        );
        assert!(report.thresholds.iter().all(|row| row.false_share <= 0.05));
        let text = report.to_string();
        assert!(text.contains("simulated data") && !text.contains("CP@100"));
    }
}
