//! `verifier migrate`

use std::path::Path;

use super::{CliError, say};
use crate::{
    config::Config,
    store::{Schema, Store},
};

/// Applies what the database's schema lacks, which `serve` would do when it starts.
pub(super) async fn migrate(path: &Path) -> Result<(), CliError> {
    let location = Config::load(path)?.store.location()?;
    let store = Store::open(&location, Schema::Migrate).await?;
    store.close().await;
    say(&format!("{location}: the schema is up to date"));
    Ok(())
}
