//! `verifier export`

use std::{path::PathBuf, sync::Arc};

use super::{find_merchant, log, progress::Ticker, read_vault_key, sealed_file::SealedFile};
use crate::{
    cli::{CliError, ConfigFile, say, start::open_store},
    config::Config,
    keys::SharedKeyring,
    rng::SystemRng,
    store::{Schema, Store, audit::AuditEntry, merchants::Merchant},
    vault::migration::{Sealer, export_page},
};

/// Longest reason, in characters.
const MAX_REASON: usize = 200;

/// Digits that a reason may hold: fewer than any card number has.
const MAX_REASON_DIGITS: usize = 11;

#[derive(clap::Args, Debug)]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose cards.
    #[arg(long)]
    merchant: String,
    /// The other vault's public key: a file with what its `verifier vault-key show` prints.
    #[arg(long)]
    to: PathBuf,
    /// The merchant's id at the other vault.
    #[arg(long)]
    to_merchant: String,
    /// The file to make.
    #[arg(long)]
    out: PathBuf,
    /// Why, for the security log.
    #[arg(long, value_parser = parse_reason)]
    reason: String,
}

impl Export {
    pub(in crate::cli) async fn run(self) -> Result<(), CliError> {
        let key = read_vault_key(&self.to)?;
        let kid = key.kid().to_owned();
        let mut sealer = Sealer::new(key, &self.to_merchant, &SystemRng::default())?;
        let (store, keys) = open_store(&Config::load(&self.config.config)?, Schema::Expect).await?;
        let merchant = find_merchant(&store, &self.merchant).await?;
        let mut out = SealedFile::create(&self.out)?;
        let entry = |action| AuditEntry {
            action,
            stated: Some(self.reason.clone()),
            merchant_id: Some(self.merchant.clone()),
            key_id: Some(kid.clone()),
            ..AuditEntry::default()
        };
        // Known before the first card is.
        log(&store, entry("cards.export_began")).await?;
        let exported = write_cards(&store, &keys, &merchant, &mut sealer, &mut out).await;
        let damaged = match exported {
            Ok(damaged) if sealer.sealed() > 0 => damaged,
            other => {
                log(&store, entry("cards.export_failed")).await?;
                out.discard()?;
                let problem = match other?.len() {
                    0 => "the merchant has no cards",
                    _ => "none of the merchant's cards can be read: `verifier doctor --data`",
                };
                return Err(problem.into());
            }
        };
        out.finish()?;
        log(&store, entry("cards.exported")).await?;
        say(&format!(
            "sealed {} cards of batch {} to key {kid} in {}: compare the key with the other party's",
            sealer.sealed(),
            sealer.batch(),
            self.out.display()
        ));
        match damaged.first() {
            None => Ok(()),
            Some(id) => Err(format!(
                "{} cards cannot be read and were left out, {id} first",
                damaged.len()
            )
            .into()),
        }
    }
}

/// Seals every card that can be read; gives the ids of the others.
async fn write_cards(
    store: &Store,
    keys: &SharedKeyring,
    merchant: &Merchant,
    sealer: &mut Sealer,
    out: &mut SealedFile,
) -> Result<Vec<String>, CliError> {
    let rng = SystemRng::default();
    let mut ticker = Ticker::start();
    let (mut after, mut damaged) = (String::new(), Vec::new());
    loop {
        // Rows may move to a new key meanwhile.
        keys.refresh(store).await?;
        let mode_keys = Arc::clone(keys.current().of(merchant.mode));
        let merchant_id = merchant.id.clone();
        let page =
            store.read(move |connection| export_page(connection, &mode_keys, &merchant_id, &after));
        let page = page.await?;
        for card in page.cards {
            if let Some(record) = sealer.push(card, &rng)? {
                out.write(&record)?;
            }
        }
        damaged.extend(page.damaged);
        ticker.tick(|| format!("{} cards", sealer.sealed()));
        match page.last_id {
            Some(id) => after = id,
            None => break,
        }
    }
    if let Some(record) = sealer.finish(&rng)? {
        out.write(&record)?;
    }
    ticker.end(sealer.sealed(), "cards sealed");
    Ok(damaged)
}

fn parse_reason(text: &str) -> Result<String, String> {
    let is_text = !text.trim().is_empty() && !text.chars().any(char::is_control);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if is_text && text.chars().count() <= MAX_REASON && digits <= MAX_REASON_DIGITS {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "1 to {MAX_REASON} characters, at most {MAX_REASON_DIGITS} of them digits"
        ))
    }
}
