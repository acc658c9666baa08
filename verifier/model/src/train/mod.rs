//! Training: gradient boosting of regression trees on the logistic loss, second order (Chen, Guestrin: `XGBoost`,
//! 2016), greedy over bins of each feature's own values.

mod bins;
mod grow;
mod settings;
mod split;

pub use settings::{Settings, StopAfter};

use crate::{
    error::{ModelError, refuse},
    forest::{Forest, Tree, sigmoid},
    measure::{average_precision, log_loss},
    random::Random,
    table::Table,
};
use bins::Bins;
use grow::{Gradient, Grower};

/// What training made.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The trees, up to the best round on the validation part.
    pub forest: Forest,
    /// The measure on the validation part after each round that was tried; empty without one.
    pub validation: Vec<f64>,
}

/// Trains on `table`; with a validation part, stops as the settings say. The same settings and tables give the same
/// trees.
///
/// # Errors
/// When a setting is out of its range, a part has one class only, or the parts have not the same features.
pub fn train(
    table: &Table,
    validation: Option<&Table>,
    settings: &Settings,
) -> Result<Trained, ModelError> {
    settings.check(table.features().len())?;
    both_classes(table, "the training part")?;
    if let Some(validation) = validation {
        if validation.features() != table.features() {
            return refuse("the validation part has other features");
        }
        both_classes(validation, "the validation part")?;
    } else if settings.stop.is_some() {
        return refuse("early stopping needs a validation part");
    }
    let base_margin = settings.base_margin(table);
    let bins = Bins::new(table, settings.max_bins);
    let mut grower = Grower::new(&bins, table.columns(), settings);
    let mut margins = vec![f64::from(base_margin); table.len()];
    let mut judge = Judge::new(validation, base_margin, settings);
    let mut random = Random::new(settings.seed);
    let mut trees = Vec::new();
    for _ in 0..settings.rounds {
        let gradients = gradients(table.labels(), &margins, settings.positive_weight);
        let tree = grower.grow(&gradients, &mut margins, &mut random)?;
        judge.see(&tree);
        trees.push(tree);
        if judge.is_enough() {
            break;
        }
    }
    trees.truncate(judge.best_rounds(trees.len()));
    Ok(Trained {
        forest: Forest::new(table.features().len(), base_margin, trees)?,
        validation: judge.measured,
    })
}

fn both_classes(table: &Table, part: &str) -> Result<(), ModelError> {
    match table.positives() {
        0 => refuse(format!("{part} has no fraud in it")),
        positives if positives == table.len() => {
            refuse(format!("{part} has nothing but fraud in it"))
        }
        _ => Ok(()),
    }
}

/// First and second derivatives of the logistic loss by the margin.
fn gradients(labels: &[bool], margins: &[f64], positive_weight: f64) -> Vec<Gradient> {
    let of = |(label, margin): (&bool, &f64)| {
        let probability = sigmoid(*margin);
        let (target, weight) = if *label {
            (1.0, positive_weight)
        } else {
            (0.0, 1.0)
        };
        Gradient {
            first: (probability - target) * weight,
            // As XGBoost has it: never quite nothing.
            second: (probability * (1.0 - probability)).max(1e-16) * weight,
        }
    };
    labels.iter().zip(margins).map(of).collect()
}

/// Follows the validation part.
struct Judge<'a> {
    table: Option<&'a Table>,
    rows: Vec<Vec<f32>>,
    margins: Vec<f64>,
    stop: Option<(StopAfter, usize)>,
    measured: Vec<f64>,
    best: Option<(f64, usize)>,
}

impl<'a> Judge<'a> {
    fn new(table: Option<&'a Table>, base_margin: f32, settings: &Settings) -> Self {
        let length = table.map_or(0, Table::len);
        Self {
            table,
            rows: (0..length).filter_map(|at| Some(table?.row(at))).collect(),
            margins: vec![base_margin.into(); length],
            stop: settings.stop.map(|(by, rounds)| (by, rounds as usize)),
            measured: Vec::new(),
            best: None,
        }
    }

    fn see(&mut self, tree: &Tree) {
        let Some(table) = self.table else {
            return;
        };
        for (margin, row) in self.margins.iter_mut().zip(&self.rows) {
            *margin += f64::from(tree.value(row));
        }
        let by = self.stop.map_or(StopAfter::AveragePrecision, |(by, _)| by);
        let measured = match by {
            StopAfter::AveragePrecision => average_precision(table.labels(), &self.margins),
            StopAfter::LogLoss => -log_loss(table.labels(), &self.margins),
        };
        self.measured.push(measured);
        if self.best.is_none_or(|(best, _)| measured > best) {
            self.best = Some((measured, self.measured.len()));
        }
    }

    fn is_enough(&self) -> bool {
        match (self.stop, self.best) {
            (Some((_, patience)), Some((_, best))) => self.measured.len() >= best + patience,
            _ => false,
        }
    }

    fn best_rounds(&self, all: usize) -> usize {
        match (self.stop, self.best) {
            (Some(_), Some((_, best))) => best,
            _ => all,
        }
    }
}

#[cfg(test)]
mod tests;
