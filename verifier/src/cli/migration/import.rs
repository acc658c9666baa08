//! `verifier import`

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use zeroize::Zeroizing;

use super::{find_merchant, lines::Lines, log, map_file::MapFile, progress::Ticker};
use crate::{
    cli::{CliError, ConfigFile, say, start::open_store},
    clock::{Clock, SystemClock},
    config::Config,
    keys::{ModeKeys, SharedKeyring},
    mode::Mode,
    rng::{Rng, SystemRng},
    store::{Schema, Store, StoreError, audit::AuditEntry, crypter::key_id_text, keys},
    vault::migration::{self, MAX_SEALED_LEN, Outcome},
};

/// Records that share one commit and one wait for the map to be on disk.
const BATCH: usize = 256;

#[derive(clap::Args, Debug)]
pub(in crate::cli) struct Import {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose cards they become.
    #[arg(long)]
    merchant: String,
    /// The sealed records.
    #[arg(long = "in")]
    input: PathBuf,
    /// The token map: made, or gone on with.
    #[arg(long)]
    map: PathBuf,
}

impl Import {
    pub(in crate::cli) async fn run(self) -> Result<(), CliError> {
        let (store, keys) = open_store(&Config::load(&self.config.config)?, Schema::Expect).await?;
        let merchant = find_merchant(&store, &self.merchant).await?;
        let mode_keys = Arc::clone(keys.current().of(merchant.mode));
        let batch = find_batch(&self.input, &mode_keys, (merchant.mode, &merchant.id))?;
        let mut map = MapFile::open(&self.map, batch.batch())?;
        let mut run = Run {
            store: &store,
            keys: &keys,
            mode: merchant.mode,
            rng: Arc::new(SystemRng::default()),
            batch,
        };
        log(&store, run.entry("cards.import_began")).await?;
        let is_whole = run.import(&self.input, &mut map).await.map_err(|error| {
            let line = map.progress().lines + 1;
            format!("{error}; the same command goes on at line {line}")
        })?;
        log(&store, run.entry("cards.imported")).await?;
        store.close().await;
        let progress = map.progress();
        say(&format!(
            "batch {}: {} of {} records are in {}",
            run.batch.batch(),
            progress.lines - progress.refused,
            progress.lines,
            self.map.display()
        ));
        if !is_whole {
            return Err("the file ends before its batch does: get all of it".into());
        }
        match progress.refused {
            0 => Ok(()),
            refused => Err(format!(
                "{refused} records were refused: see the lines with \"error\" in {}",
                self.map.display()
            )
            .into()),
        }
    }
}

/// An import under way.
struct Run<'r> {
    store: &'r Store,
    keys: &'r SharedKeyring,
    mode: Mode,
    rng: Arc<dyn Rng>,
    batch: migration::Import,
}

type Line = Zeroizing<String>;

impl Run<'_> {
    /// Takes every record that the map has no line of; whether the file's last record ends its batch.
    async fn import(&mut self, input: &Path, map: &mut MapFile) -> Result<bool, CliError> {
        let mut lines = open(input)?;
        let mut last = None;
        for number in 1..=map.progress().lines {
            last = Some(lines.next()?.ok_or_else(|| {
                format!(
                    "{} ends at line {number}, and its map does not",
                    input.display()
                )
            })?);
        }
        let mut ticker = Ticker::start();
        let before = map.progress().lines;
        loop {
            let mut chunk = Vec::with_capacity(BATCH);
            while chunk.len() < BATCH
                && let Some(line) = lines.next()?
            {
                chunk.push(line);
            }
            if chunk.is_empty() {
                break;
            }
            let outcomes = self.store(map.progress().lines + 1, &chunk).await?;
            map.append(&outcomes)?;
            last = chunk.pop();
            let progress = map.progress();
            ticker.tick(|| format!("{} records, {} refused", progress.lines, progress.refused));
        }
        let number = map.progress().lines;
        ticker.end(number - before, "records taken");
        let mode_keys = self.mode_keys();
        Ok(last.is_some_and(|line| self.batch.ends_with(&mode_keys, number, &line)))
    }

    /// Stores the cards of the records from line `first` on. When a key has changed, by whatever process,
    /// they are computed again: a card must be found under the fingerprints that others look for.
    async fn store(&self, first: u64, chunk: &[Line]) -> Result<Vec<Outcome>, CliError> {
        loop {
            let revision = self.keys.revision();
            let mode_keys = self.mode_keys();
            let mut prepared = Vec::with_capacity(chunk.len());
            for (number, line) in (first..).zip(chunk) {
                let (now, rng) = (SystemClock.now(), &*self.rng);
                prepared.push(self.batch.prepare(&mode_keys, number, line, now, rng)?);
            }
            let encryptions = self.keys.encryptions().take();
            let counted = encryptions.clone();
            let rng = Arc::clone(&self.rng);
            let stored = self.store.write("import_cards", move |tx| {
                if keys::revision(tx)? != revision {
                    return Ok(None);
                }
                for (key, more) in encryptions {
                    keys::add_encryptions(tx, &key_id_text(key), more)?;
                }
                let store = |record: Result<migration::Prepared, _>| match record {
                    Ok(prepared) => prepared.store(tx, &mode_keys, &*rng),
                    Err(refused) => Ok(Outcome::Refused(refused)),
                };
                let outcomes: Result<Vec<_>, StoreError> =
                    prepared.into_iter().map(store).collect();
                outcomes.map(Some)
            });
            if let Some(outcomes) = stored.await? {
                return Ok(outcomes);
            }
            for (key, count) in counted {
                self.keys.encryptions().put_back(key, count);
            }
            self.keys.refresh(self.store).await?;
        }
    }

    fn mode_keys(&self) -> Arc<ModeKeys> {
        Arc::clone(self.keys.current().of(self.mode))
    }

    fn entry(&self, action: &'static str) -> AuditEntry {
        AuditEntry {
            action,
            merchant_id: Some(self.batch.merchant_id().to_owned()),
            key_id: Some(self.batch.kid().to_owned()),
            ..AuditEntry::default()
        }
    }
}

/// The batch of the first record that opens.
fn find_batch(
    input: &Path,
    keys: &ModeKeys,
    owner: (Mode, &str),
) -> Result<migration::Import, CliError> {
    let mut lines = open(input)?;
    let mut first_error = None;
    while let Some(line) = lines.next()? {
        match migration::Import::of(keys, owner, &line) {
            Ok(batch) => return Ok(batch),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    let problem = match first_error {
        None => "it is empty".to_owned(),
        Some(error) => format!("no record opens for this merchant and vault, the first: {error}"),
    };
    Err(format!("{}: {problem}", input.display()).into())
}

fn open(path: &Path) -> Result<Lines<BufReader<File>>, CliError> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Lines::new(BufReader::new(file), MAX_SEALED_LEN))
}
