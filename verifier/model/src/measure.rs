//! How good a ranking and its probabilities are.

use std::collections::{HashMap, HashSet};

use crate::forest::sigmoid;

/// Rows by score, highest first.
fn ranked(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]));
    order
}

/// Counts of frauds and others at least as high as each different score, highest first.
pub fn curve(labels: &[bool], scores: &[f64]) -> Vec<(f64, u64, u64)> {
    let mut points: Vec<(f64, u64, u64)> = Vec::new();
    let (mut frauds, mut others) = (0, 0);
    for at in ranked(scores) {
        if labels[at] {
            frauds += 1;
        } else {
            others += 1;
        }
        match points.last_mut() {
            #[allow(clippy::float_cmp, reason = "the same score")]
            Some(last) if last.0 == scores[at] => *last = (scores[at], frauds, others),
            _ => points.push((scores[at], frauds, others)),
        }
    }
    points
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
const fn ratio(count: u64, of: u64) -> f64 {
    if of == 0 {
        return 0.0;
    }
    count as f64 / of as f64
}

/// Area under the ROC curve: the probability that a fraud is ranked above something else, ties counted half.
pub fn area_under_roc(labels: &[bool], scores: &[f64]) -> f64 {
    let points = curve(labels, scores);
    let (all_frauds, all_others) = points.last().map_or((0, 0), |last| (last.1, last.2));
    let mut before = (0.0, 0.0);
    let mut area = 0.0;
    for (_, frauds, others) in points {
        let point = (ratio(others, all_others), ratio(frauds, all_frauds));
        area += (point.0 - before.0) * f64::midpoint(point.1, before.1);
        before = point;
    }
    area
}

/// Average precision: the precision at each different score, weighted with the recall that it adds.
pub fn average_precision(labels: &[bool], scores: &[f64]) -> f64 {
    let points = curve(labels, scores);
    let all = points.last().map_or(0, |last| last.1);
    let mut before = 0;
    let mut sum = 0.0;
    for (_, frauds, others) in points {
        sum += ratio(frauds - before, all) * ratio(frauds, frauds + others);
        before = frauds;
    }
    sum
}

/// Mean logistic loss of log-odds.
#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn log_loss(labels: &[bool], margins: &[f64]) -> f64 {
    let loss = |(label, margin): (&bool, &f64)| {
        let probability = sigmoid(if *label { *margin } else { -*margin });
        -probability.max(1e-15).ln()
    };
    labels.iter().zip(margins).map(loss).sum::<f64>() / labels.len().max(1) as f64
}

/// Mean squared difference of probabilities from what happened (Brier, 1950).
#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn brier(labels: &[bool], probabilities: &[f64]) -> f64 {
    let squared =
        |(label, probability): (&bool, &f64)| (f64::from(u8::from(*label)) - probability).powi(2);
    labels.iter().zip(probabilities).map(squared).sum::<f64>() / labels.len().max(1) as f64
}

/// Card precision: each day the customers (or cards) by their highest score, of which `top` are looked at; the share of
/// these that was really defrauded that day, in the mean of the days. Who is found is not looked at on later days.
#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn card_precision(
    labels: &[bool],
    scores: &[f64],
    customers: &[i64],
    days: &[i64],
    top: usize,
) -> f64 {
    let mut in_order: Vec<i64> = days
        .iter()
        .copied()
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    in_order.sort_unstable();
    let mut found = HashSet::new();
    let mut sum = 0.0;
    for day in &in_order {
        let mut seen: HashMap<i64, (f64, bool)> = HashMap::new();
        let rows =
            (0..labels.len()).filter(|at| days[*at] == *day && !found.contains(&customers[*at]));
        for at in rows {
            let customer = seen
                .entry(customers[at])
                .or_insert((f64::NEG_INFINITY, false));
            customer.0 = customer.0.max(scores[at]);
            customer.1 |= labels[at];
        }
        let mut by_score: Vec<(i64, (f64, bool))> = seen.into_iter().collect();
        by_score.sort_by(|one, other| other.1.0.total_cmp(&one.1.0).then(one.0.cmp(&other.0)));
        let hits: Vec<i64> = by_score
            .iter()
            .take(top)
            .filter(|(_, seen)| seen.1)
            .map(|(customer, _)| *customer)
            .collect();
        sum += hits.len() as f64 / top.max(1) as f64;
        found.extend(hits);
    }
    sum / in_order.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_of_the_definition() {
        let labels = [true, false, true, false];
        let scores = [0.8, 0.4, 0.35, 0.1];
        // Of four pairs one is the wrong way round; precision 1 at half the recall, 2/3 at the rest.
        assert!((area_under_roc(&labels, &scores) - 0.75).abs() < 1e-12);
        assert!((average_precision(&labels, &scores) - (0.5 + 1.0 / 3.0)).abs() < 1e-12);
        // All alike: half, and the share.
        assert!((area_under_roc(&labels, &[1.0; 4]) - 0.5).abs() < 1e-12);
        assert!((average_precision(&labels, &[1.0; 4]) - 0.5).abs() < 1e-12);
        assert!((log_loss(&labels, &[0.0; 4]) - 2.0_f64.ln()).abs() < 1e-12);
        assert!((brier(&labels, &[0.5; 4]) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn who_is_found_is_not_looked_at_again() {
        // Day 1: customer 1 is defrauded and highest. Day 2: 1 again, and 2, which is then the highest left.
        let labels = [true, false, true, true];
        let scores = [0.9, 0.1, 0.9, 0.5];
        let customers = [1, 2, 1, 2];
        let days = [1, 1, 2, 2];
        assert!((card_precision(&labels, &scores, &customers, &days, 1) - 1.0).abs() < 1e-12);
        assert!((card_precision(&labels, &scores, &customers, &days, 2) - 0.5).abs() < 1e-12);
    }
}
