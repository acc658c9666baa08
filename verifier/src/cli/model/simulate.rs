//! `verifier model simulate`

use std::path::PathBuf;

use clap::Args;
use waxseal_model::simulate::{Settings, csv, simulate};

use super::{CliError, write_whole};
use crate::cli::say;

#[derive(Args, Debug)]
pub(in crate::cli) struct Simulate {
    /// Customers.
    #[arg(long, default_value_t = 2_000)]
    customers: u32,
    /// Days.
    #[arg(long, default_value_t = 60)]
    days: u32,
    /// The same seed makes the same payments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The CSV file to write.
    #[arg(long)]
    out: PathBuf,
}

impl Simulate {
    pub(super) fn run(self) -> Result<(), CliError> {
        let rows = simulate(&Settings {
            customers: self.customers,
            days: self.days,
            seed: self.seed,
        })?;
        write_whole(&self.out, csv(&rows).as_bytes())?;
        let frauds = rows.iter().filter(|row| row.label).count();
        let (all, path) = (rows.len(), self.out.display());
        say(&format!(
            "{all} simulated payments, {frauds} of them fraud, in {path}"
        ));
        Ok(())
    }
}
