//! `verifier audit export|keys|prune|root|verify`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{CliError, ConfigFile, say, start::open_store};
use crate::{
    audit::{Report, RootFile, RootKeys, Witnesses, make_root, prune, text, verify},
    clock::{Clock, SystemClock, Timestamp},
    config::{Config, ExportFormat},
    keys::{TokenJwks, TokenKey},
    mode::Mode,
    store::{
        Connection, Location, Schema, Store,
        audit::{position, walk},
    },
};

/// Entries that are read at once.
const BATCH: u32 = 1_000;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Print every entry, chain by chain in the order of their numbers.
    Export(Export),
    /// Print the public keys of roots, for `verify --keys` elsewhere.
    Keys(ConfigFile),
    /// Remove what is past its retention, in whole segments at signed roots.
    Prune(ConfigFile),
    /// Sign a root over all chains now, and print it as a line of a file of roots.
    Root(ConfigFile),
    /// Find entries that were changed, removed, reordered or cut off. Ends with 1 when there are any.
    Verify(Verify),
}

#[derive(Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    config: ConfigFile,
    /// How they are written: lines of JSON, or Common Event Format.
    #[arg(long, value_enum)]
    format: Format,
    /// Only what was logged at this time or later, as in 2026-01-31T00:00:00Z.
    #[arg(long, value_parser = parse_time)]
    since: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Cef,
    Jsonl,
}

#[derive(Args, Debug)]
pub(super) struct Verify {
    #[command(flatten)]
    config: ConfigFile,
    /// A SQLite file to verify, such as a backup, in the place of the configured database; with --keys.
    #[arg(long, requires = "keys")]
    database: Option<PathBuf>,
    /// The public keys of roots, as `verifier audit keys` printed them before; from the database if left out.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// A file of roots that was kept elsewhere.
    #[arg(long)]
    roots: Option<PathBuf>,
    /// A signed root that was kept elsewhere.
    #[arg(long)]
    head: Option<String>,
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Export(command) => command.run().await,
            Self::Keys(file) => print_keys(&file).await,
            Self::Prune(file) => remove(&file).await,
            Self::Root(file) => sign(&file).await,
            Self::Verify(command) => command.run().await,
        }
    }
}

async fn print_keys(file: &ConfigFile) -> Result<(), CliError> {
    let (_, keys) = open_store(&Config::load(&file.config)?, Schema::Expect).await?;
    let keyring = keys.current();
    let keys = keyring.of(Mode::Live).audit_root_keys().iter();
    let set = TokenJwks {
        keys: keys.map(TokenKey::jwk).collect(),
    };
    say(&serde_json::to_string(&set)?);
    Ok(())
}

async fn remove(file: &ConfigFile) -> Result<(), CliError> {
    let config = Config::load(&file.config)?;
    let (store, _) = open_store(&config, Schema::Expect).await?;
    let now = SystemClock.now();
    let before = now.plus_seconds(-i64::from(config.retention.audit_s));
    let removed = prune(&store, before, now).await?;
    store.clean().await?;
    say(&format!("removed {removed} entries"));
    Ok(())
}

async fn sign(file: &ConfigFile) -> Result<(), CliError> {
    let (store, keys) = open_store(&Config::load(&file.config)?, Schema::Expect).await?;
    let made = make_root(&store, &keys.current(), SystemClock.now()).await?;
    let root = made.ok_or("nothing was logged since the last root")?;
    say(&RootFile::line(&root));
    Ok(())
}

impl Export {
    async fn run(self) -> Result<(), CliError> {
        let (store, _) = open_store(&Config::load(&self.config.config)?, Schema::Expect).await?;
        let format = match self.format {
            Format::Cef => ExportFormat::Cef,
            Format::Jsonl => ExportFormat::Jsonl,
        };
        for start in store.read(walk::starts).await? {
            let mut last = start.pruned;
            loop {
                let read = store.read(move |connection| position::after(connection, &last, BATCH));
                let entries = read.await?;
                let Some(end) = entries.last() else {
                    break;
                };
                last = end.place;
                let wanted = entries
                    .iter()
                    .filter(|entry| self.since.is_none_or(|since| entry.at >= since));
                wanted.for_each(|entry| say(&text(format, entry)));
            }
        }
        Ok(())
    }
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    let parsed = OffsetDateTime::parse(text, &Rfc3339);
    let parsed = parsed.map_err(|_| "give a time as in 2026-01-31T00:00:00Z".to_owned())?;
    let millis = parsed.unix_timestamp_nanos() / 1_000_000;
    i64::try_from(millis)
        .map(Timestamp::from_millis)
        .map_err(|error| error.to_string())
}

impl Verify {
    async fn run(self) -> Result<(), CliError> {
        let keys = self.keys.as_deref().map(std::fs::read_to_string);
        let keys = keys.transpose()?.map(|text| RootKeys::parse(&text));
        let keys = keys
            .transpose()
            .map_err(|error| format!("--keys: {error}"))?;
        let mut witnesses = Witnesses {
            roots: match &self.roots {
                None => Vec::new(),
                Some(path) => {
                    let text = std::fs::read_to_string(path)?;
                    RootFile::parse(&text)
                        .map_err(|line| format!("--roots: line {line} is no root"))?
                }
            },
            head: self.head,
            kept_since: None,
        };
        let (store, keys) = match (self.database, keys) {
            (Some(path), Some(keys)) => {
                let store = Store::open(&Location::Sqlite(path), Schema::Expect).await?;
                (store, keys)
            }
            (_, keys) => {
                let config = Config::load(&self.config.config)?;
                let retention_s = i64::from(config.retention.audit_s);
                witnesses.kept_since = Some(SystemClock.now().plus_seconds(-retention_s));
                let (store, own) = open_store(&config, Schema::Expect).await?;
                let keys = keys.unwrap_or_else(|| RootKeys::of(&own.current()));
                (store, keys)
            }
        };
        let verified = move |connection: &Connection| verify(connection, &keys, &witnesses);
        let report = store.read(verified).await?;
        tell(&report)
    }
}

fn tell(report: &Report) -> Result<(), CliError> {
    for fault in &report.faults {
        say(&fault.to_string());
    }
    let since = report.since.map(Timestamp::rfc3339);
    let since = since.map_or_else(String::new, |at| format!(", pruned up to {at}"));
    let (entries, chains, roots) = (report.entries, report.chains, report.roots);
    say(&format!(
        "{entries} entries in {chains} chains, {roots} roots{since}"
    ));
    match report.faults.len() {
        0 => Ok(()),
        faults => Err(format!("{faults} faults in the audit").into()),
    }
}
