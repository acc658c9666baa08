//! `verifier lists add|create|delete|entries|list|remove`

use std::path::Path;

use clap::{Args, Subcommand};

use super::{CliError, ConfigFile, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    keys::Occasion,
    lists::{self, EntryDetails, EntryRequest, ListError, ListKind, NewEntry, is_word},
    mode::Mode,
    rng::SystemRng,
    store::{
        Schema,
        audit::{self, AuditEntry},
        lists as rows,
    },
};

/// Entries that are read at once.
const PAGE: u32 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Lists {
    /// Put an entry on a list, or give one that is there another end.
    Add(Add),
    /// Make a list that rules may ask.
    Create {
        /// What rules call it, behind the sign.
        name: String,
        #[command(flatten)]
        config: ConfigFile,
        /// `address`, `card`, `country`, `customer`, `email` or `text`.
        #[arg(long, value_parser = parse_kind)]
        kind: ListKind,
    },
    /// Take a list away, with its entries, unless rules that are asked name it.
    Delete {
        /// The list.
        name: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print a list's entries as JSON lines.
    Entries {
        /// The list.
        name: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print all lists.
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Take an entry off a list.
    Remove {
        /// The list.
        name: String,
        /// The entry's id, from `verifier lists entries`.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The list.
    name: String,
    /// Of the list's kind, such as `192.0.2.0/24`.
    value: String,
    #[command(flatten)]
    config: ConfigFile,
    /// Id of the merchant whose sessions it is for; everybody's if left out.
    #[arg(long)]
    merchant: Option<String>,
    /// Why, in one word.
    #[arg(long)]
    reason: String,
    /// Days for which it says something.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

impl Lists {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add(add) => add.run().await,
            Self::Create { name, config, kind } => create(&config.config, name, kind).await,
            Self::Delete { name, config } => delete(&config.config, name).await,
            Self::Entries { name, config } => entries(&config.config, name).await,
            Self::List { config } => list(&config.config).await,
            Self::Remove { name, id, config } => remove(&config.config, name, id).await,
        }
    }
}

impl Add {
    async fn run(self) -> Result<(), CliError> {
        let (store, keys) = open_store(&Config::load(&self.config.config)?, Schema::Expect).await?;
        let occasion = Occasion::from(SystemClock.now());
        let until = occasion.at.plus_seconds(i64::from(self.days) * 86_400);
        let request = EntryRequest {
            value: self.value,
            merchant: self.merchant,
            reason: self.reason,
            expires_at: until.rfc3339(),
        };
        let checked = NewEntry::check(&self.name, request, occasion.at);
        let entry = checked.map_err(|misfit| {
            let member = misfit.member.unwrap_or_default();
            format!("--{member}: see `verifier lists add --help`")
        })?;
        let keys = std::sync::Arc::clone(keys.current().of(Mode::Live));
        let put = store.write("put_entry", move |tx| {
            lists::put_entry(tx, &keys, &SystemRng::default(), &entry, &occasion)
        });
        let entry = put.await?.map_err(refused)?;
        say(&serde_json::to_string(&entry)?);
        Ok(())
    }
}

async fn create(path: &Path, name: String, kind: ListKind) -> Result<(), CliError> {
    if !is_word(&name) {
        return Err("give a name of small letters, digits and underscores".into());
    }
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let now = SystemClock.now();
    let said = format!("{name} is a list of kind {}", kind.as_str());
    let made = store.write("create_list", move |tx| {
        if rows::find(tx, &name)?.is_some() {
            return Ok(false);
        }
        let entry = AuditEntry {
            action: "list.created",
            stated: Some(name.clone()),
            ..AuditEntry::default()
        };
        rows::insert(tx, &name, kind.as_str(), now)?;
        audit::append(tx, &entry, now).map(|()| true)
    });
    match made.await? {
        true => say(&said),
        false => return Err("there is a list of that name: see `verifier lists list`".into()),
    }
    Ok(())
}

async fn delete(path: &Path, name: String) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let occasion = Occasion::from(SystemClock.now());
    let said = format!("the list {name} is gone");
    let deleted = store.write("delete_list", move |tx| {
        lists::delete_list(tx, &name, &occasion)
    });
    deleted.await?.map_err(refused)?;
    say(&said);
    Ok(())
}

async fn entries(path: &Path, name: String) -> Result<(), CliError> {
    let (store, keys) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let keys = std::sync::Arc::clone(keys.current().of(Mode::Live));
    let mut after = String::new();
    loop {
        let (within, behind) = (name.clone(), after.clone());
        let page =
            store.read(move |connection| rows::after(connection, Some(&within), &behind, PAGE));
        let page = page.await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        for row in page {
            say(&serde_json::to_string(&EntryDetails::of(&keys, row)?)?);
        }
    }
}

async fn list(path: &Path) -> Result<(), CliError> {
    let config = Config::load(path)?;
    let (store, _) = open_store(&config, Schema::Expect).await?;
    for row in store.read(rows::all).await? {
        let configured = match row.name == lists::BLOCKED_IPS {
            true => config.risk.block_cidrs.len(),
            false => 0,
        };
        let (name, kind, entries) = (row.name, row.kind, row.entries);
        say(&format!(
            "{name}  {kind}  {entries} entries, {configured} more in the configuration"
        ));
    }
    Ok(())
}

async fn remove(path: &Path, name: String, id: String) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let occasion = Occasion::from(SystemClock.now());
    let said = format!("{id} is off the list {name}");
    let removed = store.write("remove_entry", move |tx| {
        lists::remove_entry(tx, &name, &id, &occasion)
    });
    match removed.await? {
        true => say(&said),
        false => return Err("there is no such entry: see `verifier lists entries`".into()),
    }
    Ok(())
}

fn refused(error: ListError) -> &'static str {
    match error {
        ListError::InUse => "rules that are asked name the list, or it is always there",
        ListError::KindConflict => "the list has entries of another kind",
        ListError::MerchantUnknown => "--merchant: see `verifier merchants list`",
        ListError::NotFound => "there is no such list: see `verifier lists list`",
        ListError::ValueInvalid => {
            "the value is none of the list's kind: see `verifier lists list`"
        }
    }
}

fn parse_kind(text: &str) -> Result<ListKind, String> {
    let kinds = "use address, card, country, customer, email or text";
    ListKind::parse(text).ok_or_else(|| kinds.to_owned())
}
