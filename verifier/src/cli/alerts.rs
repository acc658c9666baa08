//! `verifier alerts list|acknowledge|close`

use std::path::Path;

use clap::Subcommand;

use super::{CliError, ConfigFile, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    store::{
        Schema,
        alerts::{self, AlertState},
        audit::{self, AuditEntry},
    },
};

/// Alerts that are printed at most.
const MOST: u32 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Alerts {
    /// Say that somebody looks at an alert.
    Acknowledge {
        /// The alert's id, from `verifier alerts list`.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Say that nothing is to be done for an alert any more. The same again raises another one.
    Close {
        /// The alert's id, from `verifier alerts list`.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// List the latest alerts that are not closed, latest first.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Closed ones too.
        #[arg(long)]
        all: bool,
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
    },
}

impl Alerts {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Acknowledge { id, config } => {
                change(&config.config, id, AlertState::Acknowledged).await
            }
            Self::Close { id, config } => change(&config.config, id, AlertState::Closed).await,
            Self::List { config, all, json } => list(&config.config, all, json).await,
        }
    }
}

async fn list(path: &Path, all: bool, as_json: bool) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let latest = store.read(|connection| alerts::page(connection, None, "", MOST));
    for alert in latest.await? {
        if alert.state == AlertState::Closed && !all {
            continue;
        }
        if as_json {
            say(&serde_json::to_string(&alert)?);
            continue;
        }
        let (id, state, kind) = (&alert.id, alert.state.as_str(), &alert.kind);
        let (about, subject) = (alert.subject.kind.as_str(), &alert.subject.id);
        let (count, last) = (alert.count, alert.last_seen_at.rfc3339());
        let detail = serde_json::to_string(&alert.detail)?;
        say(&format!(
            "{id}  {state}  {kind}  {about} {subject}  {count}  {last}  {detail}"
        ));
    }
    Ok(())
}

async fn change(path: &Path, id: String, next: AlertState) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let now = SystemClock.now();
    let entry = AuditEntry {
        action: match next {
            AlertState::Closed => "alert.closed",
            _ => "alert.acknowledged",
        },
        stated: Some(id.clone()),
        ..AuditEntry::default()
    };
    let changed = store.write("change_alert", {
        let id = id.clone();
        move |tx| {
            let alert = alerts::change_state(tx, &id, next, None, now)?;
            if alert.is_some() {
                audit::append(tx, &entry, now)?;
            }
            Ok(alert)
        }
    });
    if changed.await?.is_none() {
        return Err(
            "there is no such alert, or it is further already: see `verifier alerts list --all`"
                .into(),
        );
    }
    say(&format!("{id} is {}", next.as_str()));
    Ok(())
}
