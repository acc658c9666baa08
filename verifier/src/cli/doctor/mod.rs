//! `verifier doctor`: holds a configuration, and all that it names, against the controls that
//! docs/compliance.md lists. One file for each area.

mod access;
mod audit;
mod backups;
mod check;
mod files;
mod host;
mod keys;
mod listeners;
mod options;
mod report;
mod services;
mod store;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{CliError, ConfigFile, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    store::Schema,
};
use check::Check;
use report::Report;

#[derive(Args, Debug)]
pub(super) struct Doctor {
    #[command(flatten)]
    config: ConfigFile,
    /// The folder that backups are kept in, to see how old the newest is.
    #[arg(long)]
    backups: Option<PathBuf>,
    /// Open every encrypted value in the store too.
    #[arg(long)]
    data: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let mut report = Report::default();
        self.look(&mut report).await?;
        Ok(report.end(self.json)?)
    }

    async fn look(&self, report: &mut Report) -> Result<(), CliError> {
        let path = &self.config.config;
        let config = match Config::load(path) {
            Ok(config) => config,
            Err(error) => {
                report.fail(Check::Configuration, error.to_string());
                return Ok(());
            }
        };
        let now = SystemClock.now();
        report.pass(Check::Configuration, path.display().to_string());
        files::look(report, path, &config);
        match open_store(&config, Schema::Expect).await {
            Err(error) => report.fail(Check::StoreAndKeys, error.to_string()),
            Ok((opened, keyring)) => {
                report.pass(Check::StoreAndKeys, "every key unwraps");
                keys::look(report, &config, &opened, &keyring, now).await?;
                store::look(report, &opened, &keyring, self.data).await?;
                access::look(report, &config, &opened, now).await?;
                audit::look(report, &config, &opened, &keyring, now).await?;
            }
        }
        services::look(report, &config).await;
        listeners::look(report, &config);
        options::look(report, &config);
        host::look(report, &config);
        backups::look(report, &config, self.backups.as_deref(), now);
        Ok(())
    }
}
