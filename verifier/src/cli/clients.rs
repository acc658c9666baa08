//! `verifier clients add|allow|bind|list|revoke|rotate|unbind`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ipnet::IpNet;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::json;

use super::{
    CliError, ConfigFile,
    client_arguments::{parse_certificate_name, parse_network, parse_role, parse_scope},
    client_list, client_state,
    merchants::parse_name,
    say,
    start::open_store,
    warn,
};
use crate::{
    accounts::insert_client,
    clock::{Clock, SystemClock},
    config::Config,
    identity::{NewClient, Scope, Scopes, ServerRole, make_client},
    rng::SystemRng,
    store::{
        Schema, StoreError,
        audit::{self, AuditEntry},
        client_auths, client_certificates, clients, merchants,
    },
    tls::CertificateFacts,
};

#[derive(Debug, Subcommand)]
pub(super) enum Clients {
    /// Add a server of a merchant's.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// The merchant's id, from `verifier merchants list`.
        #[arg(long)]
        merchant: String,
        /// Shown to operators.
        #[arg(long, default_value = "")]
        name: String,
        #[command(flatten)]
        grant: Grant,
        #[command(flatten)]
        certificates: Certificates,
        /// An address or a network (CIDR) that it may call from. May be repeated [default: everywhere].
        #[arg(long = "allow", value_parser = parse_network)]
        networks: Vec<IpNet>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Have a client call from these networks only.
    Allow {
        /// The client's id.
        id: String,
        /// Addresses and networks (CIDR); none: from everywhere.
        #[arg(value_parser = parse_network)]
        networks: Vec<IpNet>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Have a client be known by a certificate: from then on its secret alone does not do.
    Bind {
        /// The client's id.
        id: String,
        #[command(flatten)]
        certificates: Certificates,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// List clients with their scopes, what they prove themselves with, and networks.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
    },
    /// Refuse a client from now on, for ever.
    Revoke {
        /// The client's id.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Give a client another secret, which is printed once; the former one is refused.
    Rotate {
        /// The client's id.
        id: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Have a client be known by a certificate no longer.
    Unbind {
        /// The client's id.
        id: String,
        /// As `clients list` shows it: `spki:…`, `dns:…` or `uri:…`.
        identifier: String,
        /// Take the last one away too: the client's secret alone does from then on.
        #[arg(long)]
        allow_secret: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// What a client may do.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Grant {
    /// What it may do, such as `sessions:write`. May be repeated.
    #[arg(long = "scope", value_parser = parse_scope)]
    scopes: Vec<Scope>,
    /// All that a role may do: `backend`, `checkout` or `support`.
    #[arg(long, value_parser = parse_role)]
    role: Option<ServerRole>,
}

/// By what a client is known.
#[derive(Args, Debug, Default)]
pub(super) struct Certificates {
    /// Its certificate (PEM): the client is known by the key in it, whatever certificate that key has.
    /// May be repeated.
    #[arg(long = "certificate")]
    files: Vec<PathBuf>,
    /// A subject alternative name that its certificates have, `dns:NAME` or `uri:URI`. May be repeated.
    #[arg(long = "certificate-name", value_parser = parse_certificate_name)]
    names: Vec<String>,
}

impl Clients {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add {
                config,
                merchant,
                name,
                grant,
                certificates,
                networks,
                json,
            } => {
                let wanted = Wanted {
                    name: match name.is_empty() {
                        true => name,
                        false => parse_name(name)?.as_str().to_owned(),
                    },
                    scopes: match grant.role {
                        Some(role) => role.scopes(),
                        None => Scopes::of(&grant.scopes),
                    },
                    identifiers: certificates.identifiers()?,
                    networks: joined(&networks),
                };
                add(&config.config, merchant, wanted, json).await
            }
            Self::Allow {
                id,
                networks,
                config,
            } => allow(&config.config, id, &networks).await,
            Self::Bind {
                id,
                certificates,
                config,
            } => bind(&config.config, id, certificates).await,
            Self::List { config, json } => client_list::list(&config.config, json).await,
            Self::Revoke { id, config } => client_state::revoke(&config.config, id).await,
            Self::Rotate { id, config } => client_state::rotate(&config.config, id).await,
            Self::Unbind {
                id,
                identifier,
                allow_secret,
                config,
            } => unbind(&config.config, id, identifier, allow_secret).await,
        }
    }
}

impl Certificates {
    /// `spki:…`, `dns:…`, `uri:…`
    pub(super) fn identifiers(self) -> Result<Vec<String>, CliError> {
        let mut identifiers = self.names;
        for path in &self.files {
            identifiers.push(read_certificate(path)?.pin());
        }
        Ok(identifiers)
    }
}

/// The first certificate of a PEM file. One that has ended is warned of.
pub(super) fn read_certificate(path: &Path) -> Result<CertificateFacts, CliError> {
    let refused = |problem: &str| format!("--certificate {}: {problem}", path.display());
    let pem = std::fs::read(path).map_err(|error| refused(&error.to_string()))?;
    let der = CertificateDer::from_pem_slice(&pem);
    let facts = der.ok().and_then(|der| CertificateFacts::read(&der));
    let facts = facts.ok_or_else(|| refused("holds no certificate in PEM form"))?;
    if facts.days_left(SystemClock.now()) < 0 {
        warn(&refused("has ended: whoever comes with it is refused"));
    }
    Ok(facts)
}

/// A client to add.
struct Wanted {
    name: String,
    scopes: Scopes,
    /// What its certificates are known by.
    identifiers: Vec<String>,
    /// CIDR, space separated.
    networks: String,
}

async fn add(
    path: &Path,
    merchant_id: String,
    wanted: Wanted,
    as_json: bool,
) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let merchant = merchant_id.clone();
    let merchant = store.read(move |connection| merchants::find(connection, &merchant));
    let merchant = merchant
        .await?
        .ok_or("there is no such merchant: see `verifier merchants list`")?;
    let (now, rng) = (SystemClock.now(), SystemRng::default());
    let mut new = make_client(&merchant_id, merchant.mode, &wanted.scopes, now, &rng)
        .map_err(|_| "the random number generator failed")?;
    (new.client.name, new.client.networks) = (wanted.name, wanted.networks);
    let identifiers = wanted.identifiers;
    let (client, known_by) = (new.client.clone(), identifiers.clone());
    let stored = store.write("add_client", move |tx| {
        insert_client(tx, &client, &now.into())?;
        for identifier in &known_by {
            client_certificates::bind(tx, &client.id, identifier, now)?;
        }
        Ok(())
    });
    stored.await.map_err(taken)?;
    say_added(&merchant_id, &new, &identifiers, as_json);
    Ok(())
}

/// The secret of a client that is known by certificates is shown to nobody.
pub(super) fn say_added(merchant_id: &str, new: &NewClient, identifiers: &[String], as_json: bool) {
    let client_id = &new.client.id;
    let mut line = json!({ "merchant_id": merchant_id, "client_id": client_id });
    let mut text = format!("merchant_id    {merchant_id}\nclient_id      {client_id}");
    if identifiers.is_empty() {
        // EXPOSE: the secret is shown here, once.
        let secret = new.secret.as_str();
        line["client_secret"] = secret.into();
        text = format!("{text}\nclient_secret  {secret}\nKeep the secret: it is not shown again.");
    } else {
        line["certificates"] = identifiers.into();
        text = format!("{text}\ncertificates   {}", identifiers.join(" "));
    }
    say(&if as_json { line.to_string() } else { text });
}

async fn allow(path: &Path, id: String, networks: &[IpNet]) -> Result<(), CliError> {
    let networks = joined(networks);
    change(path, id, "client.networks_changed", move |tx, id| {
        clients::set_networks(tx, id, &networks).map(|_| Ok(()))
    })
    .await
}

async fn bind(path: &Path, id: String, certificates: Certificates) -> Result<(), CliError> {
    let identifiers = certificates.identifiers()?;
    if identifiers.is_empty() {
        return Err("give --certificate FILE or --certificate-name NAME".into());
    }
    let now = SystemClock.now();
    change(path, id, "client.certificate_bound", move |tx, id| {
        identifiers
            .iter()
            .try_for_each(|identifier| client_certificates::bind(tx, id, identifier, now))?;
        Ok(Ok(()))
    })
    .await
}

async fn unbind(
    path: &Path,
    id: String,
    identifier: String,
    allow_secret: bool,
) -> Result<(), CliError> {
    change(path, id, "client.certificate_unbound", move |tx, id| {
        let known_by = client_certificates::of_client(tx, id)?;
        if !known_by.contains(&identifier) {
            return Ok(Err(
                "the client is not known by that: see `verifier clients list`",
            ));
        }
        if known_by.len() == 1 && !allow_secret && client_auths::find(tx, id)?.is_none() {
            return Ok(Err(
                "without its last certificate the client's secret alone does: bind another one, or give --allow-secret",
            ));
        }
        client_certificates::unbind(tx, id, &identifier)?;
        Ok(Ok(()))
    })
    .await
}

async fn change<F>(path: &Path, id: String, action: &'static str, change: F) -> Result<(), CliError>
where
    F: FnOnce(&crate::store::Tx<'_>, &str) -> Result<Result<(), &'static str>, StoreError>
        + Send
        + 'static,
{
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let now = SystemClock.now();
    let changed = store.write("change_client", move |tx| {
        let Some(client) = clients::find(tx, &id)? else {
            return Ok(Err("there is no such client: see `verifier clients list`"));
        };
        if let Err(refused) = change(tx, &id)? {
            return Ok(Err(refused));
        }
        let entry = AuditEntry {
            action,
            merchant_id: Some(client.merchant_id),
            client_id: Some(id),
            ..AuditEntry::default()
        };
        audit::append(tx, &entry, now)?;
        Ok(Ok(()))
    });
    Ok(changed.await.map_err(taken)??)
}

pub(super) fn taken(error: StoreError) -> CliError {
    match error {
        StoreError::Conflict => "another client is known by that certificate".into(),
        error => error.into(),
    }
}

fn joined(networks: &[IpNet]) -> String {
    let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
    networks.join(" ")
}
