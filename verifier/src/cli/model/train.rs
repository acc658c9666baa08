//! `verifier model train`

use std::{fs::File, path::PathBuf};

use clap::{Args, ValueEnum};
use waxseal_model::{
    calibrate::{Calibration, Method},
    drift::Distribution,
    feature::ONLINE,
    file::{Model, Origin},
    measure::average_precision,
    simulate::MARK,
    table::{Columns, Table},
    train::{Settings, StopAfter, train},
};

use super::{CliError, write_whole};
use crate::{
    cli::say,
    clock::{Clock, SystemClock},
};

#[derive(Args, Debug)]
pub(in crate::cli) struct Train {
    /// Payments, oldest first, with a header.
    #[arg(long)]
    csv: PathBuf,
    /// The column that is 1 for fraud and 0 for none.
    #[arg(long)]
    label: String,
    /// What the model is called: lower-case letters, digits and hyphens.
    #[arg(long)]
    name: String,
    /// The model's file to write.
    #[arg(long)]
    out: PathBuf,
    /// Columns that are features, with commas between; every column that the verifier computes, if left out.
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// Share of the payments, the last ones, that training does not see: it is stopped and calibrated by them.
    #[arg(long, default_value_t = 0.2)]
    validation_share: f64,
    /// Trees, at most.
    #[arg(long, default_value_t = 300)]
    rounds: u32,
    /// By which each tree's answers are multiplied.
    #[arg(long, default_value_t = 0.1)]
    learning_rate: f64,
    /// Questions from a root to a leaf, at most.
    #[arg(long, default_value_t = 4)]
    depth: u8,
    /// L2 on the leaves' answers.
    #[arg(long, default_value_t = 1.0)]
    lambda: f64,
    /// Sum of hessians that a child has to have.
    #[arg(long, default_value_t = 1.0)]
    min_child_weight: f64,
    /// Bins of a feature, at most; one with no more different values is split exactly.
    #[arg(long, default_value_t = 4_096)]
    max_bins: u16,
    /// What a fraud counts, where everything else counts 1.
    #[arg(long, default_value_t = 1.0)]
    positive_weight: f64,
    /// The probability that training starts from.
    #[arg(long, default_value_t = 0.5)]
    base_score: f64,
    /// Share of the payments that each tree sees.
    #[arg(long, default_value_t = 1.0)]
    row_share: f64,
    /// Share of the features that each tree sees.
    #[arg(long, default_value_t = 1.0)]
    feature_share: f64,
    /// Rounds without a better one on the validation part, after which training stops.
    #[arg(long, default_value_t = 30)]
    patience: u32,
    /// Measure by which it is stopped.
    #[arg(long, value_enum, default_value_t = Measure::AveragePrecision)]
    stop_by: Measure,
    /// How log-odds become probabilities.
    #[arg(long, value_enum, default_value_t = CalibrateBy::Platt)]
    calibration: CalibrateBy,
    /// Let the score rise only with features of which more cannot make a payment safer, such as a card's count.
    #[arg(long)]
    monotone: bool,
    /// Of rows and features that are drawn.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Measure {
    AveragePrecision,
    LogLoss,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CalibrateBy {
    Isotonic,
    None,
    Platt,
}

impl Train {
    pub(super) fn run(self) -> Result<(), CliError> {
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", self.csv.display());
        let header = header(&self.csv).map_err(|error| at(&error))?;
        let features = self.chosen(&header)?;
        let has_mark = header.iter().any(|name| name == MARK);
        let beside: &[&str] = if has_mark { &[MARK] } else { &[] };
        let wanted = Columns {
            features: &features,
            label: &self.label,
            beside,
        };
        let file = File::open(&self.csv).map_err(|error| at(&error))?;
        let (table, beside) = Table::read_csv(file, &wanted).map_err(|error| at(&error))?;
        let simulated = beside.first().is_some_and(|marks| marks.contains(&1));
        let (part, validation) = self.divided(&table)?;
        let settings = self.settings(&features);
        let trained = train(&part, Some(&validation), &settings)?;
        let margins = |table: &Table| -> Vec<f64> {
            (0..table.len())
                .map(|at| trained.forest.margin(&table.row(at)))
                .collect()
        };
        let of_validation = margins(&validation);
        let method = match self.calibration {
            CalibrateBy::Isotonic => Method::Isotonic,
            CalibrateBy::None => Method::None,
            CalibrateBy::Platt => Method::Platt,
        };
        #[allow(clippy::cast_possible_truncation, reason = "bins of scores")]
        let scores: Vec<f32> = of_validation.iter().map(|margin| *margin as f32).collect();
        let precision = average_precision(validation.labels(), &of_validation);
        let model = Model {
            name: self.name.clone(),
            origin: Origin {
                maker: "trained".to_owned(),
                simulated,
                rows: table.len() as u64,
                frauds: table.positives() as u64,
                settings: Some(settings),
                average_precision: Some(precision),
                at: Some(SystemClock.now().rfc3339()),
            },
            calibration: Calibration::fit(method, validation.labels(), &of_validation)?,
            distributions: table
                .columns()
                .iter()
                .map(|column| Distribution::new(column))
                .collect(),
            scores: Some(Distribution::new(&scores)),
            features,
            forest: trained.forest,
        };
        let (content, digest) = model.write()?;
        write_whole(&self.out, &content)?;
        let (trees, rows, frauds) = (model.forest.trees().len(), part.len(), part.positives());
        let kind = if simulated {
            "simulated payments"
        } else {
            "payments"
        };
        say(&format!(
            "{trees} trees of {rows} {kind}, {frauds} of them fraud; average precision on the other {}: {precision:.4}; {} sha256:{digest}",
            validation.len(),
            self.out.display()
        ));
        Ok(())
    }

    fn chosen(&self, header: &[String]) -> Result<Vec<String>, CliError> {
        if !self.features.is_empty() {
            return Ok(self.features.clone());
        }
        let computed = ONLINE.iter().map(|feature| feature.name.to_owned());
        let there: Vec<String> = computed.filter(|name| header.contains(name)).collect();
        match there.is_empty() {
            true => Err(
                "no column is a feature that a verifier computes; name columns with --features"
                    .into(),
            ),
            false => Ok(there),
        }
    }

    /// The first payments, and the last ones.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of a bounded number of rows"
    )]
    fn divided(&self, table: &Table) -> Result<(Table, Table), CliError> {
        if !(0.01..=0.9).contains(&self.validation_share) {
            return Err("--validation-share: give 0.01 to 0.9".into());
        }
        let first = (table.len() as f64 * (1.0 - self.validation_share)) as usize;
        let rows: Vec<usize> = (0..table.len()).collect();
        let (seen, unseen) = rows.split_at(first);
        if seen.is_empty() || unseen.is_empty() {
            return Err("there are too few payments".into());
        }
        Ok((table.select(seen)?, table.select(unseen)?))
    }

    fn settings(&self, features: &[String]) -> Settings {
        let constraint = |name: &String| {
            let feature = ONLINE.iter().find(|feature| feature.name == *name);
            feature.map_or(0, |feature| feature.monotone)
        };
        let by = match self.stop_by {
            Measure::AveragePrecision => StopAfter::AveragePrecision,
            Measure::LogLoss => StopAfter::LogLoss,
        };
        Settings {
            rounds: self.rounds,
            learning_rate: self.learning_rate,
            depth: self.depth,
            lambda: self.lambda,
            gamma: 0.0,
            min_child_weight: self.min_child_weight,
            max_bins: self.max_bins,
            positive_weight: self.positive_weight,
            base_score: Some(self.base_score),
            row_share: self.row_share,
            feature_share: self.feature_share,
            monotone: if self.monotone {
                features.iter().map(constraint).collect()
            } else {
                Vec::new()
            },
            stop: Some((by, self.patience)),
            seed: self.seed,
        }
    }
}

/// Names of a CSV file's columns.
pub(super) fn header(path: &std::path::Path) -> Result<Vec<String>, CliError> {
    let file = File::open(path)?;
    Ok(waxseal_model::table::header(file)?)
}
