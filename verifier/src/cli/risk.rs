//! `verifier risk replay`

use clap::Subcommand;

use super::{CliError, ConfigFile, say, start::open_store};
use crate::{config::Config, records, store::Schema};

#[derive(Debug, Subcommand)]
pub(super) enum Risk {
    /// Make a stored decision again, by the rules and the model that made it, and print both as JSON. Fails unless they
    /// are the same.
    Replay {
        /// The submission's id, `sub_…`, or the assessment's, `asm_…`.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

impl Risk {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let Self::Replay { id, config } = self;
        let (store, keys) = open_store(&Config::load(&config.config)?, Schema::Expect).await?;
        let replay = records::replay(&store, keys.current(), id).await?;
        let replay = replay.map_err(|error| error.to_string())?;
        say(&serde_json::to_string_pretty(&replay)?);
        match replay.identical {
            true => Ok(()),
            false => Err("the stored decision is another one than is made of its snapshot".into()),
        }
    }
}
