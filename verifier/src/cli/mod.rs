//! The command line: each command a few lines.

mod alerts;
mod audit;
mod backup;
mod client_arguments;
mod client_auth;
mod client_list;
mod client_state;
mod clients;
mod config;
mod core_dumps;
mod doctor;
mod erase_again;
mod huge_pages;
mod init;
mod keys;
mod lists;
mod logging;
mod merchants;
mod migrate;
mod migration;
mod model;
mod operators;
mod password_input;
mod pki;
mod programs;
mod risk;
mod rules;
mod serve;
mod start;
mod users;

use std::{
    io::{ErrorKind, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

pub use start::{StartError, kek_source, start};

use crate::{keys::Purpose, mode::Mode, router::document, store::key_state::KeyState};

/// Waxseal's server.
#[derive(Debug, Parser)]
#[command(name = "verifier", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verify the audit, sign roots over it, print their keys, and remove what is past its retention.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// List, acknowledge and close alerts.
    #[command(subcommand)]
    Alerts(alerts::Alerts),
    /// Write a copy of the database, while a verifier goes on with it.
    Backup {
        #[command(flatten)]
        config: ConfigFile,
        /// The file to make.
        file: PathBuf,
    },
    /// Say what a merchant's server proves itself with in the place of its secret: public keys, or certificates.
    ClientAuth(client_auth::ClientAuthCommand),
    /// Add merchants' servers, and say by which certificates they are known and where they call from.
    #[command(subcommand)]
    Clients(clients::Clients),
    /// Check a configuration file by itself, or print the reference of its options.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Check a configuration and all that it names, against the controls of docs/compliance.md. Ends with 0 when
    /// all is well, 1 when something should be looked at, 2 when something has failed.
    Doctor(doctor::Doctor),
    /// Erase again what the erase ledger names: after a database was brought back by other means than
    /// `restore`, such as `pg_restore`, and before a verifier serves it.
    EraseAgain(ConfigFile),
    /// Seal every card of a merchant to another vault's key. Logged with the reason.
    Export(migration::Export),
    /// Take cards that another vault sealed, and write down which token each has. Goes on where it was
    /// stopped.
    Import(migration::Import),
    /// Write a configuration, a key file and a database. What is there already is kept.
    Init {
        #[command(flatten)]
        config: ConfigFile,
        /// The SDK's build output.
        #[arg(long, default_value = "sdk-wasm/dist")]
        assets: PathBuf,
        /// MaxMind DB file from IP address to country.
        #[arg(long)]
        ip_country_db: Option<PathBuf>,
    },
    /// List and change keys. A running verifier follows within seconds.
    #[command(subcommand)]
    Keys(Keys),
    /// Keep the lists that rules ask. A running verifier follows within seconds.
    #[command(subcommand)]
    Lists(lists::Lists),
    /// Add and list merchants.
    #[command(subcommand)]
    Merchants(Merchants),
    /// Bring the database's schema up to date.
    Migrate(ConfigFile),
    /// Train, import, evaluate and use models of the learned score, and simulate payments: docs/model.md.
    #[command(subcommand)]
    Model(model::ModelCommand),
    /// Print the HTTP interface as an OpenAPI document.
    Openapi,
    /// Add, list and revoke those who run the verifier.
    #[command(subcommand)]
    Operators(operators::Operators),
    /// Be an authority of one's own: certificates for this verifier's listeners and for merchants' servers.
    #[command(subcommand)]
    Pki(pki::Pki),
    /// Add, list and revoke the programs that people sign in with.
    #[command(subcommand)]
    Programs(programs::Programs),
    /// Put a backup in the place of a database that is gone, and erase again what was erased since.
    Restore {
        #[command(flatten)]
        config: ConfigFile,
        /// The backup.
        file: PathBuf,
    },
    /// Look at stored decisions.
    #[command(subcommand)]
    Risk(risk::Risk),
    /// Check, store and use versions of rules. A running verifier follows within seconds.
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Seal cards to another vault's key, on a machine without a verifier.
    SealCards(migration::SealCards),
    /// Answer requests until told to stop.
    Serve(ConfigFile),
    /// Add, list and lock out people who sign in.
    #[command(subcommand)]
    Users(users::Users),
    /// The keys that other vaults seal cards to.
    #[command(subcommand)]
    VaultKey(migration::VaultKey),
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Wipe a retired or revoked key. Refused while rows are encrypted under it.
    Destroy(KeyId),
    /// List every key with its state.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
    },
    /// Retire a sealing key; the next one takes its place at once.
    Retire(KeyId),
    /// Refuse whatever was sealed to a key, at once.
    Revoke(KeyId),
    /// Wrap every key by another key-encryption key, which is made if it is not there.
    Rewrap {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        next: NextKek,
    },
    /// Make a key that takes the place of the active one.
    Rotate {
        #[command(flatten)]
        config: ConfigFile,
        /// `sealing`, `dek`, `ff1`, `fingerprint_root`, `access_token`, `audit_root`, `client_token`, `model` or `vault_import`.
        #[arg(long, value_parser = parse_purpose)]
        purpose: Purpose,
        /// `test` or `live`.
        #[arg(long, value_parser = parse_mode)]
        mode: Mode,
        /// Use a sealing key now, without publishing it for a while before.
        #[arg(long)]
        at_once: bool,
    },
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct NextKek {
    /// A key file.
    #[arg(long)]
    to: Option<PathBuf>,
    /// What `[keys]` of another configuration file names.
    #[arg(long)]
    to_keys_of: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct KeyId {
    /// The key's id, from `verifier keys list`.
    id: String,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Subcommand)]
enum Merchants {
    /// Add a merchant and its first client, known by certificates or by a secret that is printed once.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// Shown to customers.
        #[arg(long)]
        name: String,
        /// Origin of the merchant's checkout pages, such as `https://shop.example`. May be repeated.
        #[arg(long = "origin", required = true)]
        origins: Vec<String>,
        /// `test` or `live`.
        #[arg(long, default_value = "test", value_parser = parse_mode)]
        mode: Mode,
        #[command(flatten)]
        certificates: clients::Certificates,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List merchants with their origins.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args, Debug)]
struct ConfigFile {
    /// The configuration file.
    #[arg(long, default_value = "waxseal.toml")]
    config: PathBuf,
}

/// Why a command failed: one line that says what to do.
pub type CliError = Box<dyn std::error::Error>;

impl Cli {
    /// Carries out the command.
    ///
    /// # Errors
    /// One line that says what to do.
    pub fn run(self) -> Result<ExitCode, CliError> {
        core_dumps::forbid()?;
        huge_pages::decline();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let done = match self.command {
                Command::Alerts(command) => command.run().await,
                Command::Audit(command) => command.run().await,
                Command::Backup { config, file } => backup::backup(&config.config, &file).await,
                Command::ClientAuth(command) => command.run().await,
                Command::Clients(command) => command.run().await,
                Command::Config(command) => command.run(),
                Command::Doctor(command) => return command.run().await,
                Command::EraseAgain(file) => erase_again::run(&file.config).await,
                Command::Export(command) => command.run().await,
                Command::Import(command) => command.run().await,
                Command::Init {
                    config,
                    assets,
                    ip_country_db,
                } => init::init(&config.config, &assets, ip_country_db.as_deref()).await,
                Command::Keys(command) => command.run().await,
                Command::Lists(command) => command.run().await,
                Command::Merchants(Merchants::Add {
                    config,
                    name,
                    origins,
                    mode,
                    certificates,
                    json,
                }) => {
                    let path = &config.config;
                    merchants::add(path, name, origins, mode, certificates, json).await
                }
                Command::Merchants(Merchants::List { config, json }) => {
                    merchants::list(&config.config, json).await
                }
                Command::Migrate(file) => migrate::migrate(&file.config).await,
                Command::Model(command) => command.run().await,
                Command::Openapi => {
                    say(str::from_utf8(&document().json())?.trim_end());
                    Ok(())
                }
                Command::Operators(command) => command.run().await,
                Command::Pki(command) => command.run(),
                Command::Programs(command) => command.run().await,
                Command::Restore { config, file } => backup::restore(&config.config, &file).await,
                Command::Risk(command) => command.run().await,
                Command::Rules(command) => command.run().await,
                Command::SealCards(command) => command.run(),
                Command::Serve(file) => Box::pin(serve::serve(&file.config)).await,
                Command::Users(command) => command.run().await,
                Command::VaultKey(command) => command.run().await,
            };
            done.map(|()| ExitCode::SUCCESS)
        })
    }
}

impl Keys {
    async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Destroy(key) => set_state(key, KeyState::Destroyed).await,
            Self::List { config, json } => keys::list(&config.config, json).await,
            Self::Retire(key) => set_state(key, KeyState::Retired).await,
            Self::Revoke(key) => set_state(key, KeyState::Revoked).await,
            Self::Rewrap { config, next } => {
                keys::wrap_anew(&config.config, next.to, next.to_keys_of).await
            }
            Self::Rotate {
                config,
                purpose,
                mode,
                at_once,
            } => keys::make_next(&config.config, purpose, mode, at_once).await,
        }
    }
}

async fn set_state(key: KeyId, next: KeyState) -> Result<(), CliError> {
    keys::set_state(&key.config.config, &key.id, next).await
}

fn parse_purpose(text: &str) -> Result<Purpose, String> {
    Purpose::parse(text).ok_or_else(|| {
        "use sealing, dek, ff1, fingerprint_root, access_token, audit_root, client_token, cvc, model or vault_import".to_owned()
    })
}

fn parse_mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| "use test or live".to_owned())
}

#[expect(clippy::print_stderr, reason = "beside a command's answer")]
fn warn(line: &str) {
    eprintln!("warning: {line}");
}

/// A command's answer. Whoever wants no more of it has closed the pipe, and is told nothing; one that cannot be written,
/// such as to a full disk, is no answer.
fn say(line: &str) {
    let Err(error) = writeln!(std::io::stdout(), "{line}") else {
        return;
    };
    let code = match error.kind() {
        // As of a process that the signal ends: 128 + SIGPIPE.
        ErrorKind::BrokenPipe => 141,
        _ => {
            warn(&format!("the answer cannot be written: {error}"));
            1
        }
    };
    std::process::exit(code);
}
