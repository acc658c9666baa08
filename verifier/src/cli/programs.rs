//! `verifier programs add|list|revoke`

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::{CliError, ConfigFile, merchants::parse_name, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock, Timestamp},
    config::Config,
    identity::{OperatorScope, Permission, Scope, oauth::parse_redirect_uri},
    rng::{Rng, SystemRng},
    store::{
        Schema, StoreError,
        audit::{self, AuditEntry},
        public_clients::{self, PublicClient},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Programs {
    /// Add a program that people sign in with; print its client id. It has no secret.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// Shown to people whom it asks for consent.
        #[arg(long)]
        name: String,
        /// Where it is answered, compared byte by byte. May be repeated.
        #[arg(long = "redirect-uri", required = true)]
        redirect_uris: Vec<String>,
        /// What it may ask for. May be repeated.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List programs.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
    },
    /// Refuse a program from now on.
    Revoke {
        /// Its client id, from `verifier programs list`.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

impl Programs {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add {
                config,
                name,
                redirect_uris,
                scopes,
                json,
            } => add(&config.config, name, redirect_uris, &scopes, json).await,
            Self::List { config, json } => list(&config.config, json).await,
            Self::Revoke { id, config } => revoke(&config.config, id).await,
        }
    }
}

async fn add(
    path: &Path,
    name: String,
    redirect_uris: Vec<String>,
    scopes: &[String],
    as_json: bool,
) -> Result<(), CliError> {
    let name = parse_name(name)?.as_str().to_owned();
    let is_scope =
        |name: &String| Scope::parse(name).is_some() || OperatorScope::parse(name).is_some();
    if let Some(scope) = scopes.iter().find(|scope| !is_scope(scope)) {
        return Err(format!("--scope {scope}: there is none of that name").into());
    }
    if let Some(uri) = redirect_uris
        .iter()
        .find(|uri| parse_redirect_uri(uri).is_none())
    {
        return Err(format!(
            "--redirect-uri {uri}: give https, http on this machine, or a scheme with a dot in it, without a fragment"
        )
        .into());
    }
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let (rng, now): (&dyn Rng, _) = (&SystemRng::default(), SystemClock.now());
    let id = rng.id("app_", now).map_err(StoreError::from)?;
    let program = PublicClient {
        id: id.clone(),
        name,
        scopes: scopes.join(" "),
        created_at: now,
        revoked_at: None,
    };
    let entry = entry("program.added", &id);
    let added = store.write("add_program", move |tx| {
        public_clients::insert(tx, &program, &redirect_uris)?;
        audit::append(tx, &entry, now)
    });
    added.await?;
    match as_json {
        true => say(&json!({ "client_id": id }).to_string()),
        false => say(&format!("client_id  {id}")),
    }
    Ok(())
}

async fn list(path: &Path, as_json: bool) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let found = store.read(|connection| {
        let all = public_clients::list(connection)?;
        all.into_iter()
            .map(|program| {
                let uris = public_clients::redirect_uris(connection, &program.id)?;
                Ok((program, uris))
            })
            .collect::<Result<Vec<_>, _>>()
    });
    for (program, uris) in found.await? {
        let revoked_at = program.revoked_at.map(Timestamp::rfc3339);
        if as_json {
            let scopes: Vec<_> = program.scopes.split(' ').collect();
            let line = json!({
                "client_id": program.id, "name": program.name, "scopes": scopes,
                "redirect_uris": uris, "created_at": program.created_at.rfc3339(),
                "revoked_at": revoked_at,
            });
            say(&line.to_string());
        } else {
            let revoked = revoked_at.map_or_else(String::new, |at| format!("  revoked {at}"));
            let (id, name, scopes) = (program.id, program.name, program.scopes);
            say(&format!(
                "{id}  {name}  {scopes}  {}{revoked}",
                uris.join(" ")
            ));
        }
    }
    Ok(())
}

async fn revoke(path: &Path, id: String) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let (entry, now) = (entry("program.revoked", &id), SystemClock.now());
    let revoked = store.write("revoke_program", {
        let id = id.clone();
        move |tx| {
            let was_there = public_clients::revoke(tx, &id, now)?;
            if was_there {
                audit::append(tx, &entry, now)?;
            }
            Ok(was_there)
        }
    });
    if !revoked.await? {
        return Err(
            "there is no such program, or it is revoked: see `verifier programs list`".into(),
        );
    }
    say(&format!("{id} is revoked"));
    Ok(())
}

fn entry(action: &'static str, id: &str) -> AuditEntry {
    AuditEntry {
        action,
        client_id: Some(id.to_owned()),
        ..AuditEntry::default()
    }
}
