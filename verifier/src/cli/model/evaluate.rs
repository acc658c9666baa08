//! `verifier model evaluate`

use std::{fs::File, path::PathBuf};

use clap::Args;
use waxseal_model::{
    plot,
    report::Report,
    simulate::MARK,
    table::{Columns, Table},
    walk::{Row, Walker},
};

use super::{CliError, read_model, train::header, write_whole};
use crate::cli::say;

#[derive(Args, Debug)]
pub(in crate::cli) struct Evaluate {
    /// The model's file.
    model: PathBuf,
    /// Payments that it was not trained on, with a header.
    #[arg(long)]
    csv: PathBuf,
    /// The column that is 1 for fraud and 0 for none.
    #[arg(long)]
    label: String,
    /// The column with a number for each customer or card, for CP@100.
    #[arg(long, requires = "day")]
    customer: Option<String>,
    /// The column with the number of the day, for CP@100.
    #[arg(long, requires = "customer")]
    day: Option<String>,
    /// A folder for `roc.svg` and `precision_recall.svg`.
    #[arg(long)]
    plots: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    pub(super) fn run(self) -> Result<(), CliError> {
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", self.csv.display());
        let (_, model, _) = read_model(&self.model)?;
        let header = header(&self.csv).map_err(|error| at(&error))?;
        let mut beside: Vec<&str> = [&self.customer, &self.day]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if header.iter().any(|name| name == MARK) {
            beside.push(MARK);
        }
        let wanted = Columns {
            features: &model.features,
            label: &self.label,
            beside: &beside,
        };
        let file = File::open(&self.csv).map_err(|error| at(&error))?;
        let (table, beside) = Table::read_csv(file, &wanted).map_err(|error| at(&error))?;
        if table.positives() == 0 || table.positives() == table.len() {
            return Err(at(&"one class only: there is nothing to tell apart").into());
        }
        let walker = Walker::new(&model.forest);
        let probability = |row: usize| {
            model
                .calibration
                .probability(walker.margin(&Row::new(&table.row(row))))
        };
        let probabilities: Vec<f64> = (0..table.len()).map(probability).collect();
        let has_cards = self.customer.is_some();
        let cards = has_cards.then(|| (&beside[0][..], &beside[1][..]));
        let marks = beside.get(if has_cards { 2 } else { 0 });
        let simulated = model.origin.simulated || marks.is_some_and(|marks| marks.contains(&1));
        let report = Report::new(table.labels(), &probabilities, cards, simulated);
        if let Some(folder) = &self.plots {
            let note = format!(
                "{}{}",
                model.name,
                if simulated { " (simulated data)" } else { "" }
            );
            let roc = plot::roc(table.labels(), &probabilities, &note);
            let curve = plot::precision_recall(table.labels(), &probabilities, &note);
            std::fs::create_dir_all(folder)?;
            write_whole(&folder.join("roc.svg"), roc.as_bytes())?;
            write_whole(&folder.join("precision_recall.svg"), curve.as_bytes())?;
        }
        match self.json {
            true => say(&serde_json::to_string(&report)?),
            false => say(report.to_string().trim_end()),
        }
        Ok(())
    }
}
