//! `verifier seal-cards`

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use super::{
    lines::Lines,
    progress::{Ticker, tell},
    read_vault_key,
    sealed_file::SealedFile,
};
use crate::{
    cli::{CliError, say},
    rng::SystemRng,
    vault::migration::{MigratedCard, Sealer},
};

/// Longest line that is read: four times the longest record.
const MAX_LINE: usize = 4096;

#[derive(clap::Args, Debug)]
pub(in crate::cli) struct SealCards {
    /// The other vault's public key: a file with what its `verifier vault-key show` prints.
    #[arg(long)]
    to: PathBuf,
    /// The merchant's id at the other vault.
    #[arg(long)]
    merchant: String,
    /// The cards, one JSON object a line: `number`, `reference`, and what else there is. Without it
    /// they are read from stdin.
    #[arg(long = "in")]
    input: Option<PathBuf>,
    /// The file to make.
    #[arg(long)]
    out: PathBuf,
}

impl SealCards {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let reader: Box<dyn BufRead> = match self.input.as_deref() {
            None => Box::new(BufReader::new(io::stdin())),
            Some(path) => Box::new(BufReader::new(open(path)?)),
        };
        let key = read_vault_key(&self.to)?;
        let kid = key.kid().to_owned();
        let mut sealer = Sealer::new(key, &self.merchant, &SystemRng::default())?;
        let mut out = SealedFile::create(&self.out)?;
        let refused = match seal(&mut sealer, Lines::new(reader, MAX_LINE), &mut out) {
            Ok(refused) if sealer.sealed() > 0 => refused,
            other => {
                out.discard()?;
                other?;
                return Err("there is no card to seal".into());
            }
        };
        out.finish()?;
        say(&format!(
            "sealed {} cards of batch {} to key {kid} in {}",
            sealer.sealed(),
            sealer.batch(),
            self.out.display()
        ));
        match refused {
            0 => Ok(()),
            _ => Err(format!("{refused} lines were left out").into()),
        }
    }
}

/// Seals every line that is a card; gives how many are not.
fn seal<R: BufRead>(
    sealer: &mut Sealer,
    mut lines: Lines<R>,
    out: &mut SealedFile,
) -> Result<u64, CliError> {
    let rng = SystemRng::default();
    let mut ticker = Ticker::start();
    let (mut number, mut refused) = (0_u64, 0);
    while let Some(line) = lines.next()? {
        number += 1;
        match MigratedCard::parse(line.as_bytes()) {
            Err((error, _)) => {
                refused += 1;
                tell(&format!("line {number}: {error}"));
            }
            Ok(card) => {
                if let Some(record) = sealer.push(card, &rng)? {
                    out.write(&record)?;
                }
            }
        }
        ticker.tick(|| format!("{number} lines"));
    }
    if let Some(record) = sealer.finish(&rng)? {
        out.write(&record)?;
    }
    ticker.end(sealer.sealed(), "cards sealed");
    Ok(refused)
}

fn open(path: &Path) -> Result<File, CliError> {
    Ok(File::open(path).map_err(|error| format!("{}: {error}", path.display()))?)
}
