//! `verifier model add|list|use|challenger`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{CliError, ConfigFile, read_model};
use crate::{
    cli::{say, start::open_store},
    clock::{Clock, SystemClock},
    config::Config,
    keys::{Purpose, rotate},
    mode::Mode,
    rng::SystemRng,
    scoring::{Scorer, builtin, sign, usable},
    store::{
        Schema,
        audit::{self, AuditEntry},
        models::{self, ModelRow, ModelState},
    },
};

/// The model that the verifier carries, and no model.
const BUILTIN: &str = "builtin";
const NONE: &str = "none";

#[derive(Args, Debug)]
pub(in crate::cli) struct Add {
    /// The model's file.
    file: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Appoint {
    /// The model's version, from `verifier model list`.
    version: String,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    config: ConfigFile,
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
}

impl Add {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let (file, model, digest) = read_model(&self.file)?;
        let path = self.file.display();
        let scorer = Scorer::new(model, digest).map_err(|error| format!("{path}: {error}"))?;
        let (store, keys) = open_store(&Config::load(&self.config.config)?, Schema::Expect).await?;
        let now = SystemClock.now();
        if keys.current().of(Mode::Live).model_keys().is_empty() {
            let kind = (Purpose::Model, Mode::Live);
            rotate(&store, keys.kek(), kind, true, &SystemRng::default(), now).await?;
            keys.refresh(&store).await?;
        }
        let keyring = keys.current();
        let key = keyring
            .of(Mode::Live)
            .model_keys()
            .first()
            .ok_or("there is no key that signs models")?;
        let version = scorer.version().to_owned();
        let row = ModelRow {
            signed: sign(key, &version, scorer.digest())?,
            version: version.clone(),
            kid: key.kid().to_owned(),
            state: ModelState::Kept,
            file,
            created_at: now,
        };
        let entry = AuditEntry {
            action: "risk_model.added",
            stated: Some(version.clone()),
            ..AuditEntry::default()
        };
        let added = store.write("add_model", move |tx| {
            let is_new = models::insert(tx, &row)?;
            if is_new {
                audit::append(tx, &entry, now)?;
            }
            Ok(is_new)
        });
        let word = if added.await? {
            "added"
        } else {
            "there already"
        };
        let note = if scorer.origin().simulated {
            ", of simulated payments"
        } else {
            ""
        };
        say(&format!("{version} is {word}{note}"));
        Ok(())
    }
}

impl Appoint {
    /// As champion.
    pub(super) async fn crown(self) -> Result<(), CliError> {
        self.appoint(ModelState::Champion, BUILTIN).await
    }

    /// As challenger.
    pub(super) async fn challenge(self) -> Result<(), CliError> {
        self.appoint(ModelState::Challenger, NONE).await
    }

    async fn appoint(self, state: ModelState, nobody: &str) -> Result<(), CliError> {
        let (store, keys) = open_store(&Config::load(&self.config.config)?, Schema::Expect).await?;
        let version = (self.version != nobody).then_some(self.version);
        if let Some(wanted) = version.clone() {
            let row = store
                .read(move |connection| models::find(connection, &wanted))
                .await?;
            let row = row.ok_or("there is no such model: see `verifier model list`")?;
            usable(&keys.current(), &row)?;
        }
        let now = SystemClock.now();
        let entry = AuditEntry {
            action: match state {
                ModelState::Champion => "risk_model.used",
                _ => "risk_model.challenged",
            },
            stated: Some(version.clone().unwrap_or_else(|| nobody.to_owned())),
            ..AuditEntry::default()
        };
        let appointed = version.clone();
        let done = store.write("appoint_model", move |tx| {
            let is_there = models::appoint(tx, state, appointed.as_deref())?;
            if is_there {
                audit::append(tx, &entry, now)?;
            }
            Ok(is_there)
        });
        if !done.await? {
            return Err("there is no such model: see `verifier model list`".into());
        }
        let version = version.unwrap_or_else(|| nobody.to_owned());
        say(&format!("{version} is {} within seconds", state.as_str()));
        Ok(())
    }
}

impl List {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let (store, keys) = open_store(&Config::load(&self.config.config)?, Schema::Expect).await?;
        let rows = store.read(models::list).await?;
        let keyring = keys.current();
        let has_champion = rows.iter().any(|row| row.state == ModelState::Champion);
        let state = if has_champion {
            ModelState::Kept
        } else {
            ModelState::Champion
        };
        self.tell(BUILTIN, state, &Ok(&**builtin()));
        for row in rows {
            let found = usable(&keyring, &row);
            self.tell(
                &row.version,
                row.state,
                &found.as_ref().map_err(ToString::to_string),
            );
        }
        Ok(())
    }

    fn tell(&self, version: &str, state: ModelState, found: &Result<&Scorer, String>) {
        let origin = found.as_ref().map(|scorer| scorer.origin()).ok();
        let fault = found.as_ref().err();
        if self.json {
            let line = json!({
                "version": version,
                "state": state.as_str(),
                "simulated": origin.map(|origin| origin.simulated),
                "maker": origin.map(|origin| &origin.maker),
                "rows": origin.map(|origin| origin.rows),
                "frauds": origin.map(|origin| origin.frauds),
                "average_precision": origin.and_then(|origin| origin.average_precision),
                "fault": fault,
            });
            say(&line.to_string());
            return;
        }
        let about = match (origin, fault) {
            (Some(origin), _) => {
                let kind = if origin.simulated {
                    "simulated payments"
                } else {
                    "payments"
                };
                let precision = origin
                    .average_precision
                    .map_or_else(String::new, |ap| format!(", AP {ap:.3}"));
                format!("{}, {} {kind}{precision}", origin.maker, origin.rows)
            }
            (None, fault) => format!("NOT USABLE: {}", fault.map_or("", String::as_str)),
        };
        say(&format!("{version:<54}  {:<10}  {about}", state.as_str()));
    }
}
