//! `verifier operators add|list|revoke`

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::{CliError, ConfigFile, merchants::parse_name, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    identity::{OperatorScope, Permission, Role, Scopes, make_operator},
    rng::SystemRng,
    store::{
        Schema,
        audit::{self, AuditEntry},
        operators,
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Operators {
    /// Add somebody who runs the verifier and belongs to no merchant; print the secret, once.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// Shown to other operators.
        #[arg(long)]
        name: String,
        /// One thing that they may do, such as `keys:read`. May be repeated.
        #[arg(long = "scope", required_unless_present = "roles", value_parser = parse_scope)]
        scopes: Vec<OperatorScope>,
        /// All that a role may do, such as `administrator`. May be repeated.
        #[arg(long = "role", value_parser = parse_role)]
        roles: Vec<Granted>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List operators with their scopes.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
    },
    /// Refuse an operator from now on.
    Revoke {
        /// The operator's id, from `verifier operators list`.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

impl Operators {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add {
                config,
                name,
                mut scopes,
                roles,
                json,
            } => {
                scopes.extend(roles.iter().flat_map(|granted| granted.0));
                add(&config.config, name, &scopes, json).await
            }
            Self::List { config, json } => list(&config.config, json).await,
            Self::Revoke { id, config } => revoke(&config.config, id).await,
        }
    }
}

async fn add(
    path: &Path,
    name: String,
    scopes: &[OperatorScope],
    as_json: bool,
) -> Result<(), CliError> {
    let name = parse_name(name)?.as_str().to_owned();
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let (rng, now) = (SystemRng::default(), SystemClock.now());
    let new = make_operator(name, &Scopes::of(scopes), now, &rng)
        .map_err(|_| "the random number generator failed")?;
    let operator = new.operator.clone();
    let entry = AuditEntry {
        action: "operator.added",
        operator_id: Some(operator.id.clone()),
        ..AuditEntry::default()
    };
    store
        .write("add_operator", move |tx| {
            operators::insert(tx, &operator)?;
            audit::append(tx, &entry, now)
        })
        .await?;
    // EXPOSE: the secret is shown here, once.
    let (id, secret) = (&new.operator.id, new.secret.as_str());
    if as_json {
        say(&json!({ "operator_id": id, "operator_secret": secret }).to_string());
    } else {
        say(&format!(
            "operator_id      {id}\noperator_secret  {secret}\nKeep the secret: it is not shown again."
        ));
    }
    Ok(())
}

async fn list(path: &Path, as_json: bool) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    for operator in store.read(operators::list).await? {
        let revoked_at = operator.revoked_at.map(crate::clock::Timestamp::rfc3339);
        if as_json {
            let scopes: Vec<_> = operator.scopes.split(' ').collect();
            let line = json!({
                "id": operator.id, "name": operator.name, "scopes": scopes,
                "created_at": operator.created_at.rfc3339(), "revoked_at": revoked_at,
            });
            say(&line.to_string());
        } else {
            let revoked = revoked_at.map_or_else(String::new, |at| format!("  revoked {at}"));
            let (id, name, scopes) = (operator.id, operator.name, operator.scopes);
            say(&format!("{id}  {name}  {scopes}{revoked}"));
        }
    }
    Ok(())
}

async fn revoke(path: &Path, id: String) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let now = SystemClock.now();
    let entry = AuditEntry {
        action: "operator.revoked",
        operator_id: Some(id.clone()),
        ..AuditEntry::default()
    };
    let revoked = store.write("revoke_operator", {
        let id = id.clone();
        move |tx| {
            let was_there = operators::revoke(tx, &id, now)?;
            if was_there {
                audit::append(tx, &entry, now)?;
            }
            Ok(was_there)
        }
    });
    if !revoked.await? {
        return Err(
            "there is no such operator, or it is revoked: see `verifier operators list`".into(),
        );
    }
    say(&format!("{id} is revoked"));
    Ok(())
}

/// What a role grants.
#[derive(Clone, Debug)]
pub(super) struct Granted(&'static [OperatorScope]);

fn parse_scope(text: &str) -> Result<OperatorScope, String> {
    OperatorScope::parse(text)
        .ok_or_else(|| use_one_of(OperatorScope::NAMES.iter().map(|(_, name)| *name)))
}

fn parse_role(text: &str) -> Result<Granted, String> {
    Role::<OperatorScope>::named(text)
        .map(|role| Granted(role.scopes))
        .ok_or_else(|| use_one_of(OperatorScope::ROLES.iter().map(|role| role.name)))
}

fn use_one_of(names: impl Iterator<Item = &'static str>) -> String {
    format!("use one of {}", names.collect::<Vec<_>>().join(", "))
}
