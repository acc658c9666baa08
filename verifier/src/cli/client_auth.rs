//! `verifier client-auth`

use std::path::PathBuf;

use clap::Args;

use super::{CliError, ConfigFile, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    identity::oauth::as_registered,
    store::{
        Schema,
        audit::{self, AuditEntry},
        client_auths, clients,
    },
};

#[derive(Args, Debug)]
pub(super) struct ClientAuthCommand {
    /// The server's client id.
    client_id: String,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct How {
    /// A JWK Set of its public keys, P-256 or RSA: `private_key_jwt`.
    #[arg(long)]
    jwks: Option<PathBuf>,
    /// SHA-256 of a certificate of its own (RFC 8705's `x5t#S256`): `self_signed_tls_client_auth`. May be repeated.
    #[arg(long = "certificate-digest")]
    certificates: Vec<String>,
    /// Its secret again.
    #[arg(long)]
    secret: bool,
}

impl ClientAuthCommand {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let jwks = self.how.jwks.as_deref();
        let jwks = jwks.map(std::fs::read_to_string).transpose()?;
        let auth = as_registered(&self.client_id, jwks, &self.how.certificates);
        if auth.is_none() && !self.how.secret {
            return Err(
                "give a JWK Set of public keys, P-256 or RSA of 2048 bits, or 43 characters a certificate"
                    .into(),
            );
        }
        let config = Config::load(&self.config.config)?;
        let (store, _) = open_store(&config, Schema::Expect).await?;
        let entry = AuditEntry {
            action: "client.auth_changed",
            client_id: Some(self.client_id.clone()),
            ..AuditEntry::default()
        };
        let (id, now) = (self.client_id, SystemClock.now());
        let changed = store.write("change_client_auth", move |tx| {
            if clients::find(tx, &id)?.is_none() {
                return Ok(false);
            }
            match auth {
                Some(auth) => client_auths::put(tx, &auth)?,
                None => client_auths::delete(tx, &id)?,
            }
            audit::append(tx, &entry, now)?;
            Ok(true)
        });
        match changed.await? {
            true => say("changed"),
            false => return Err("there is no such client".into()),
        }
        Ok(())
    }
}
