//! `verifier vault-key create|show`

use clap::Subcommand;

use crate::{
    cli::{CliError, ConfigFile, parse_mode, say, start::open_store},
    clock::{Clock, SystemClock},
    config::Config,
    keys::{Purpose, SharedKeyring, rotate},
    mode::Mode,
    rng::SystemRng,
    store::Schema,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum VaultKey {
    /// Make a key and print its public half. A former one still opens until it is destroyed.
    Create(Which),
    /// Print the public half of the key that cards are sealed to.
    Show(Which),
}

#[derive(clap::Args, Debug)]
pub(in crate::cli) struct Which {
    #[command(flatten)]
    config: ConfigFile,
    /// `test` or `live`.
    #[arg(long, value_parser = parse_mode)]
    mode: Mode,
}

impl VaultKey {
    pub(in crate::cli) async fn run(self) -> Result<(), CliError> {
        let (Self::Create(Which { config, mode }) | Self::Show(Which { config, mode })) = &self;
        let (store, keys) = open_store(&Config::load(&config.config)?, Schema::Expect).await?;
        if matches!(self, Self::Create(_)) {
            let kind = (Purpose::VaultImport, *mode);
            let (rng, now) = (SystemRng::default(), SystemClock.now());
            rotate(&store, keys.kek(), kind, true, &rng, now).await?;
            keys.refresh(&store).await?;
        }
        show(&keys, *mode)
    }
}

fn show(keys: &SharedKeyring, mode: Mode) -> Result<(), CliError> {
    let keyring = keys.current();
    let Some(key) = keyring.of(mode).active_vault_import() else {
        let mode = mode.as_str();
        return Err(format!("none yet: `verifier vault-key create --mode {mode}`").into());
    };
    say(&serde_json::to_string(key.jwk())?);
    Ok(())
}
