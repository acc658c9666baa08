//! `verifier vault-key`, `verifier import`, `verifier export`, `verifier seal-cards`: cards from vault to
//! vault.

mod export;
mod import;
mod lines;
mod map_file;
mod progress;
mod seal_cards;
mod sealed_file;
mod vault_key;

use std::path::Path;

use waxseal_protocol::seal::SealingKey;

pub(super) use export::Export;
pub(super) use import::Import;
pub(super) use seal_cards::SealCards;
pub(super) use vault_key::VaultKey;

use super::CliError;
use crate::{
    clock::{Clock, SystemClock},
    store::{
        Store,
        audit::{self, AuditEntry},
        merchants::{self, Merchant},
    },
    vault::migration::parse_vault_key,
};

async fn find_merchant(store: &Store, id: &str) -> Result<Merchant, CliError> {
    let wanted = id.to_owned();
    let found = store.read(move |connection| merchants::find(connection, &wanted));
    let found = found.await?;
    found.ok_or_else(|| format!("there is no merchant {id}: see `verifier merchants list`").into())
}

async fn log(store: &Store, entry: AuditEntry) -> Result<(), CliError> {
    let now = SystemClock.now();
    let logged = store.write("log_migration", move |tx| audit::append(tx, &entry, now));
    Ok(logged.await?)
}

fn read_vault_key(path: &Path) -> Result<SealingKey, CliError> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    Ok(parse_vault_key(&text).map_err(|error| named(&error))?)
}
