//! `verifier config check|reference`

use std::path::PathBuf;

use clap::Subcommand;

use super::{CliError, say};
use crate::config::{Config, reference};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether a configuration can be used, as far as it alone tells. Opens nothing that it names.
    Check {
        /// The configuration file.
        #[arg(default_value = "waxseal.toml")]
        file: PathBuf,
    },
    /// Print every option with its environment variable, type, default and meaning, as Markdown.
    Reference,
}

impl ConfigCommand {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self {
            Self::Check { file } => {
                Config::load(&file)?;
                say(&format!("{} can be used", file.display()));
            }
            Self::Reference => say(reference().trim_end()),
        }
        Ok(())
    }
}
