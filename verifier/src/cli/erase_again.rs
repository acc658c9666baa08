//! `verifier erase-again`, which `verifier restore` does too.

use std::path::Path;

use super::{CliError, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    keys::SharedKeyring,
    store::{EraseLedger, Schema, Store},
    vault,
};

pub(super) async fn run(path: &Path) -> Result<(), CliError> {
    let config = Config::load(path)?;
    let (store, keys) = open_store(&config, Schema::Migrate).await?;
    let done = replay(&config, &store, &keys).await;
    store.close().await;
    done
}

/// Erases what the ledger names and the database has again, and says how much that was.
pub(super) async fn replay(
    config: &Config,
    store: &Store,
    keys: &SharedKeyring,
) -> Result<(), CliError> {
    let path = config.erase_ledger()?;
    if !path.exists() {
        say(&format!(
            "no erase ledger at {}: nothing was erased, or put it there and run `verifier erase-again`",
            path.display()
        ));
        return Ok(());
    }
    let ledger = EraseLedger::read(path)?;
    let (named, unreadable) = (ledger.erasures.len(), ledger.unreadable);
    let now = SystemClock.now();
    let again = vault::erase_again(store, &keys.current(), ledger.erasures, now).await?;
    say(&format!(
        "erased again: {} cards, {} customers, of {named} in {}",
        again.cards,
        again.customers,
        path.display()
    ));
    if unreadable > 0 {
        say(&format!("{unreadable} lines of it cannot be read"));
    }
    Ok(())
}
