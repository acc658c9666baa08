//! `verifier users add|bind|list|lock|unbind|unlock|password|second-factor`

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::{
    CliError, ConfigFile, merchants::parse_name, password_input::read_password, say,
    start::open_store,
};
use crate::{
    clock::{Clock, SystemClock, Timestamp},
    config::{Config, IdentityProvider},
    identity::{
        OperatorScope, Permission, Role, Scope, Scopes,
        people::{self, hash_password, make_factor},
    },
    keys::SharedKeyring,
    rng::{Rng, SystemRng},
    store::{
        Schema, Store, StoreError,
        audit::{self, AuditEntry},
        merchants,
        users::{self, User},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Users {
    /// Add somebody who signs in; read the password from standard input, print the second factor, once.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// What the person types to sign in.
        #[arg(long)]
        name: String,
        /// The merchant that the person acts for. Without one the person is an operator.
        #[arg(long)]
        merchant: Option<String>,
        /// What may be granted to a program in the person's name, such as `keys:read`. May be repeated.
        #[arg(long = "scope", required_unless_present = "roles")]
        scopes: Vec<String>,
        /// All that a role may do, such as `key_custodian`. May be repeated.
        #[arg(long = "role")]
        roles: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let somebody sign in at an identity provider of the configuration too.
    Bind(Bound),
    /// List who signs in.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
    },
    /// Let somebody in no more, and take back whatever they granted.
    Lock(Named),
    /// Give somebody another password, read from standard input.
    Password(Named),
    /// Give somebody another second factor, and print it, once.
    SecondFactor(Named),
    /// Take back that somebody may sign in at an identity provider, and end whatever they began.
    Unbind(Bound),
    /// Let somebody in again, whatever kept them out.
    Unlock(Named),
}

#[derive(clap::Args, Debug)]
pub(super) struct Named {
    /// What the person types to sign in.
    name: String,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(clap::Args, Debug)]
pub(super) struct Bound {
    #[command(flatten)]
    named: Named,
    /// The identity provider's issuer identifier.
    #[arg(long)]
    issuer: String,
    /// What the person is called there: `sub`, which stays the same, not a name or an address.
    #[arg(long)]
    subject: String,
}

impl Users {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add {
                config,
                name,
                merchant,
                scopes,
                roles,
                json,
            } => add(&config.config, name, merchant, (&scopes, &roles), json).await,
            Self::Bind(bound) => bind(bound).await,
            Self::List { config, json } => list(&config.config, json).await,
            Self::Lock(named) => lock(&named).await,
            Self::Password(named) => password(&named).await,
            Self::SecondFactor(named) => second_factor(&named).await,
            Self::Unbind(bound) => unbind(bound).await,
            Self::Unlock(named) => unlock(&named).await,
        }
    }
}

async fn add(
    path: &Path,
    name: String,
    merchant: Option<String>,
    (scopes, roles): (&[String], &[String]),
    as_json: bool,
) -> Result<(), CliError> {
    let name = parse_name(name)?.as_str().to_owned();
    let scopes = match merchant {
        None => granted::<OperatorScope>(scopes, roles)?,
        Some(_) => granted::<Scope>(scopes, roles)?,
    };
    let (store, keys) = open_store(&Config::load(path)?, Schema::Expect).await?;
    if let Some(merchant) = merchant.clone() {
        let found = store.read(move |connection| merchants::find(connection, &merchant));
        found
            .await?
            .ok_or("--merchant: see `verifier merchants list`")?;
    }
    let taken = name.clone();
    let taken = store.read(move |connection| users::find_by_name(connection, &taken));
    if taken.await?.is_some() {
        return Err("--name: somebody has it already".into());
    }
    let (rng, now): (&dyn Rng, _) = (&SystemRng::default(), SystemClock.now());
    let password_hash = hash_password(&read_password()?, &name, rng)?;
    let id = rng.id("usr_", now).map_err(StoreError::from)?;
    let new = make_factor(&id, &name, &keys.current(), now, rng)?;
    let user = User {
        id: id.clone(),
        name,
        merchant_id: merchant,
        scopes,
        password_hash,
        disabled_at: None,
        created_at: now,
    };
    let entry = AuditEntry {
        action: "user.added",
        merchant_id: user.merchant_id.clone(),
        operator_id: Some(id.clone()),
        ..AuditEntry::default()
    };
    let factor = new.factor;
    let added = store.write("add_user", move |tx| {
        users::insert(tx, &user)?;
        users::put_second_factor(tx, &factor)?;
        audit::append(tx, &entry, now)
    });
    added.await?;
    // EXPOSE: the second factor is shown here, once.
    let uri = new.uri.as_str();
    if as_json {
        say(&json!({ "user_id": id, "second_factor": uri }).to_string());
    } else {
        say(&format!(
            "user_id        {id}\nsecond_factor  {uri}\nThe second factor is for an authenticator: it is not shown again."
        ));
    }
    Ok(())
}

async fn list(path: &Path, as_json: bool) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    for user in store.read(users::list).await? {
        let locked_at = user.disabled_at.map(Timestamp::rfc3339);
        if as_json {
            let scopes: Vec<_> = user.scopes.split(' ').collect();
            let line = json!({
                "id": user.id, "name": user.name, "merchant": user.merchant_id, "scopes": scopes,
                "created_at": user.created_at.rfc3339(), "locked_at": locked_at,
            });
            say(&line.to_string());
        } else {
            let locked = locked_at.map_or_else(String::new, |at| format!("  locked {at}"));
            let acts_for = user.merchant_id.as_deref().unwrap_or("operator");
            say(&format!(
                "{}  {}  {acts_for}  {}{locked}",
                user.id, user.name, user.scopes
            ));
        }
    }
    Ok(())
}

async fn lock(named: &Named) -> Result<(), CliError> {
    let found = find(named).await?;
    people::lock(&found.store, &found.user, SystemClock.now()).await?;
    say(&format!("{} is locked out", named.name));
    Ok(())
}

async fn unlock(named: &Named) -> Result<(), CliError> {
    let found = find(named).await?;
    people::unlock(&found.store, &found.user, SystemClock.now()).await?;
    say(&format!("{} may sign in", named.name));
    Ok(())
}

async fn bind(bound: Bound) -> Result<(), CliError> {
    let config = Config::load(&bound.named.config.config)?;
    let is_issuer = |provider: &IdentityProvider| provider.issuer == bound.issuer;
    if !config.identity_providers.iter().any(is_issuer) {
        return Err("--issuer: give one of identity_providers, exactly as it is there".into());
    }
    let found = find(&bound.named).await?;
    let (store, user, now) = (&found.store, &found.user, SystemClock.now());
    match people::bind(store, user, bound.issuer, bound.subject, now).await? {
        true => say(&format!("{} may sign in there", bound.named.name)),
        false => return Err("--subject: is somebody already".into()),
    }
    Ok(())
}

async fn unbind(bound: Bound) -> Result<(), CliError> {
    let found = find(&bound.named).await?;
    let (store, user, now) = (&found.store, &found.user, SystemClock.now());
    match people::unbind(store, user, bound.issuer, bound.subject, now).await? {
        true => say(&format!("{} is nobody there any more", bound.named.name)),
        false => return Err("--subject: is not bound to that person at that issuer".into()),
    }
    Ok(())
}

async fn password(named: &Named) -> Result<(), CliError> {
    let found = find(named).await?;
    let (password, rng, now) = (read_password()?, SystemRng::default(), SystemClock.now());
    people::change_password(&found.store, &found.user, &password, now, &rng).await?;
    say(&format!("{} has another password", named.name));
    Ok(())
}

async fn second_factor(named: &Named) -> Result<(), CliError> {
    let Found { store, keys, user } = find(named).await?;
    let (rng, now) = (SystemRng::default(), SystemClock.now());
    let uri = people::change_second_factor(&store, &user, &keys.current(), now, &rng).await?;
    // EXPOSE: the second factor is shown here, once.
    say(&format!("second_factor  {}", *uri));
    Ok(())
}

struct Found {
    store: Store,
    keys: SharedKeyring,
    user: User,
}

async fn find(named: &Named) -> Result<Found, CliError> {
    let config = Config::load(&named.config.config)?;
    let (store, keys) = open_store(&config, Schema::Expect).await?;
    let name = named.name.clone();
    let found = store.read(move |connection| users::find_by_name(connection, &name));
    let user = found
        .await?
        .ok_or("nobody has that name: see `verifier users list`")?;
    Ok(Found { store, keys, user })
}

/// Names of scopes, each once, space separated.
fn granted<P: Permission>(scopes: &[String], roles: &[String]) -> Result<String, CliError> {
    let mut all = Vec::new();
    for name in scopes {
        let names: Vec<_> = P::NAMES.iter().map(|(_, name)| *name).collect();
        let fault = || format!("--scope {name}: use {}", names.join(", "));
        all.push(P::parse(name).ok_or_else(fault)?);
    }
    for name in roles {
        let role = Role::<P>::named(name);
        let names: Vec<_> = P::ROLES.iter().map(|role| role.name).collect();
        let fault = || format!("--role {name}: use {}", names.join(", "));
        all.extend(role.ok_or_else(fault)?.scopes);
    }
    Ok(Scopes::of(&all).to_string())
}
