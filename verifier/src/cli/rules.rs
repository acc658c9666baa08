//! `verifier rules activate|add|backtest|check|list|rollback|shadow|show`

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use waxseal_engine::rules::{RuleSet, bounds::MAX_BYTES};

use super::{CliError, ConfigFile, parse_mode, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    keys::Occasion,
    lists::HeldLists,
    mode::Mode,
    records::{Bounds, Candidate, Range, run_backtest},
    rng::SystemRng,
    rules::{
        self, NewRuleSet, RuleSetDetails, RuleSetError, RuleSetRequest, SharedRules, hexadecimal,
    },
    store::{Schema, Store, StoreError, Tx, rule_sets},
};

/// Versions that are read at once.
const PAGE: u32 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// Let a version decide, for its merchant or for all.
    Activate(Version),
    /// Store a text as a draft.
    Add(Add),
    /// Say what rules would have decided on stored decisions, as JSON.
    Backtest(Backtest),
    /// Check a text by itself, without a database: every mistake with line and column.
    Check {
        /// The text.
        file: PathBuf,
    },
    /// Print versions as JSON lines, without their texts.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Id of the merchant whose versions to print; every one if left out.
        #[arg(long)]
        merchant: Option<String>,
    },
    /// Let the version decide again that did before.
    Rollback {
        #[command(flatten)]
        config: ConfigFile,
        /// Id of the merchant whose version it is about; the one for all if left out.
        #[arg(long)]
        merchant: Option<String>,
    },
    /// Ask a version beside the one that decides, without effect.
    Shadow {
        #[command(flatten)]
        version: Version,
        /// Ask it no longer.
        #[arg(long)]
        end: bool,
    },
    /// Print a version's text.
    Show(Version),
}

#[derive(Args, Debug)]
pub(super) struct Version {
    /// The version's id, from `verifier rules list`.
    id: String,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The text.
    file: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
    /// Id of the merchant whose sessions it is for; everybody's if left out.
    #[arg(long)]
    merchant: Option<String>,
    /// What it is for, in a line.
    #[arg(long)]
    note: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Backtest {
    #[command(flatten)]
    config: ConfigFile,
    /// The text of the rules.
    #[arg(long)]
    set: PathBuf,
    /// Id of the merchant on whose decisions to try them; on everybody's if left out.
    #[arg(long)]
    merchant: Option<String>,
    /// On decisions of which mode, without a merchant.
    #[arg(long, value_parser = parse_mode, default_value = "live")]
    mode: Mode,
    /// From when on, RFC 3339; 30 days ago if left out.
    #[arg(long)]
    since: Option<String>,
    /// Up to when, RFC 3339; now if left out.
    #[arg(long)]
    until: Option<String>,
}

impl Rules {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Activate(version) => version.change("activate_rules", rules::activate).await,
            Self::Add(add) => add.run().await,
            Self::Backtest(backtest) => backtest.run().await,
            Self::Check { file } => check(&file),
            Self::List { config, merchant } => list(&config.config, merchant).await,
            Self::Rollback { config, merchant } => roll_back(&config.config, merchant).await,
            Self::Shadow {
                version,
                end: false,
            } => version.change("shadow_rules", rules::begin_shadow).await,
            Self::Shadow { version, end: true } => version.end_shadow().await,
            Self::Show(version) => version.show().await,
        }
    }
}

type Change =
    fn(&Tx<'_>, &str, &Occasion) -> Result<Result<RuleSetDetails, RuleSetError>, StoreError>;

impl Version {
    async fn open(&self) -> Result<Store, CliError> {
        let config = Config::load(&self.config.config)?;
        Ok(open_store(&config, Schema::Expect).await?.0)
    }

    async fn change(self, name: &'static str, change: Change) -> Result<(), CliError> {
        let (store, occasion) = (self.open().await?, now());
        let done = store.write(name, move |tx| change(tx, &self.id, &occasion));
        say_version(done.await?.map_err(|error| error.to_string())?)
    }

    async fn end_shadow(self) -> Result<(), CliError> {
        let (store, occasion) = (self.open().await?, now());
        let said = format!("{} is asked no longer", self.id);
        let done = store.write("end_shadow_rules", move |tx| {
            rules::end_shadow(tx, &self.id, &occasion)
        });
        done.await?.map_err(|error| error.to_string())?;
        say(&said);
        Ok(())
    }

    async fn show(self) -> Result<(), CliError> {
        let store = self.open().await?;
        let found = store.read(move |connection| rule_sets::find(connection, &self.id));
        let row = found.await?;
        let row = row.ok_or_else(|| RuleSetError::NotFound.to_string())?;
        say(row.text.trim_end());
        Ok(())
    }
}

impl Add {
    async fn run(self) -> Result<(), CliError> {
        let request = RuleSetRequest {
            text: text(&self.file)?,
            merchant: self.merchant,
            note: self.note,
        };
        let new = NewRuleSet::check(request).map_err(|error| named(&self.file, &error))?;
        let config = Config::load(&self.config.config)?;
        let (store, _) = open_store(&config, Schema::Expect).await?;
        let occasion = now();
        let put = store.write("create_rules", move |tx| {
            rules::put(tx, &SystemRng::default(), &new, &occasion)
        });
        say_version(put.await?.map_err(|error| named(&self.file, &error))?)
    }
}

impl Backtest {
    async fn run(self) -> Result<(), CliError> {
        let set = RuleSet::parse(&text(&self.set)?);
        let set = set.map_err(|errors| named(&self.set, &RuleSetError::Invalid(errors)))?;
        let bounds = (self.since.as_deref(), self.until.as_deref());
        let range = Range::of(self.merchant, Some(self.mode), bounds, SystemClock.now());
        let range = range.map_err(|misfit| {
            let member = misfit.member.unwrap_or_default();
            format!("--{member}: give an instant such as 2026-11-01T00:00:00Z")
        })?;
        let config = Config::load(&self.config.config)?;
        let (store, keys) = open_store(&config, Schema::Expect).await?;
        let keyring = keys.current();
        let (shared, blocked) = (Arc::clone(&keyring), config.risk.block_cidrs.clone());
        let lists = store
            .read(move |connection| HeldLists::load(connection, shared.of(Mode::Live), &blocked));
        let lists = Arc::new(lists.await?);
        let active = SharedRules::default();
        active.refresh(&store).await?;
        let candidate = Candidate {
            set,
            today: active.current(),
            lists,
            keys: Arc::clone(keyring.of(range.mode)),
        };
        let tested = run_backtest(&store, &SystemClock, candidate, range, Bounds::ALONE);
        say(&serde_json::to_string_pretty(&tested.await?)?);
        Ok(())
    }
}

fn check(file: &Path) -> Result<(), CliError> {
    let set = RuleSet::parse(&text(file)?);
    let set = set.map_err(|errors| named(file, &RuleSetError::Invalid(errors)))?;
    let (rules, digest) = (set.names().count(), hexadecimal(&set.digest()));
    let lists: Vec<_> = set.lists().map(|(name, _)| format!("@{name}")).collect();
    say(&format!("{rules} rules, {digest}"));
    if !lists.is_empty() {
        say(&format!("asks {}", lists.join(", ")));
    }
    Ok(())
}

async fn list(path: &Path, merchant: Option<String>) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let mut after = String::new();
    loop {
        let (of, behind) = (merchant.clone(), after.clone());
        let page = store
            .read(move |connection| rule_sets::after(connection, of.as_deref(), &behind, PAGE));
        let page = page.await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        for row in page {
            say_version(row.into())?;
        }
    }
}

async fn roll_back(path: &Path, merchant: Option<String>) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let occasion = now();
    let done = store.write("roll_back_rules", move |tx| {
        rules::roll_back(tx, merchant.as_deref().unwrap_or(""), &occasion)
    });
    match done.await?.map_err(|error| error.to_string())? {
        Some(details) => say_version(details),
        None => {
            say("no version is active any more: the rules for all decide, or the shipped ones");
            Ok(())
        }
    }
}

fn say_version(details: RuleSetDetails) -> Result<(), CliError> {
    let without_text = RuleSetDetails {
        text: None,
        ..details
    };
    say(&serde_json::to_string(&without_text)?);
    Ok(())
}

fn now() -> Occasion {
    Occasion::from(SystemClock.now())
}

/// Reads a text, which is bounded before it is read.
fn text(file: &Path) -> Result<String, CliError> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let length = std::fs::metadata(file).map_err(|error| failed(&error))?;
    if length.len() > MAX_BYTES as u64 {
        return Err(failed(&format!("longer than {MAX_BYTES} bytes")).into());
    }
    Ok(std::fs::read_to_string(file).map_err(|error| failed(&error))?)
}

/// Each line of an error behind the file's name, as compilers have it.
fn named(file: &Path, error: &RuleSetError) -> String {
    let text = error.to_string();
    let lines = text
        .lines()
        .map(|line| format!("{}:{line}", file.display()));
    lines.collect::<Vec<_>>().join("\n")
}
