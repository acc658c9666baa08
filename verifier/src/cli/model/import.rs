//! `verifier model import`

use std::path::PathBuf;

use clap::Args;
use waxseal_model::{
    calibrate::Calibration,
    file::{Model, Origin},
    import::{MAX_BYTES, xgboost},
};

use super::{CliError, write_whole};
use crate::{
    cli::say,
    clock::{Clock, SystemClock},
};

#[derive(Args, Debug)]
pub(in crate::cli) struct Import {
    /// What `Booster.save_model("….json")` wrote.
    file: PathBuf,
    /// What the model is called: lower-case letters, digits and hyphens.
    #[arg(long)]
    name: String,
    /// The model's file to write.
    #[arg(long)]
    out: PathBuf,
    /// Names of its features in their order, with commas between, if it was trained without names.
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// It was trained on simulated payments.
    #[arg(long)]
    simulated: bool,
}

impl Import {
    pub(super) fn run(self) -> Result<(), CliError> {
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", self.file.display());
        let length = std::fs::metadata(&self.file)
            .map_err(|error| at(&error))?
            .len();
        if length > MAX_BYTES as u64 {
            return Err(at(&"longer than a model may be").into());
        }
        let json = std::fs::read(&self.file).map_err(|error| at(&error))?;
        let imported = xgboost(&json).map_err(|error| at(&error))?;
        let features = match (imported.features.is_empty(), self.features.is_empty()) {
            (true, true) => {
                return Err(at(&"it has no names of features: give them with --features").into());
            }
            (true, false) => self.features.clone(),
            (false, true) => imported.features,
            (false, false) if imported.features == self.features => imported.features,
            (false, false) => {
                return Err(at(&"it has other names of features than --features").into());
            }
        };
        let model = Model {
            name: self.name,
            origin: Origin {
                maker: format!("xgboost {}", imported.version)
                    .trim_end()
                    .to_owned(),
                simulated: self.simulated,
                rows: 0,
                frauds: 0,
                settings: None,
                average_precision: None,
                at: Some(SystemClock.now().rfc3339()),
            },
            features,
            forest: imported.forest,
            calibration: Calibration::None,
            distributions: Vec::new(),
            scores: None,
        };
        let (content, digest) = model.write()?;
        write_whole(&self.out, &content)?;
        let trees = model.forest.trees().len();
        say(&format!(
            "{trees} trees; {} sha256:{digest}",
            self.out.display()
        ));
        Ok(())
    }
}
