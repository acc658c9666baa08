//! `verifier client-auth`

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;

use super::{CliError, ConfigFile, clients::read_certificate, say, start::open_store};
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
    /// A certificate of its own (PEM): `self_signed_tls_client_auth`. May be repeated.
    #[arg(long = "certificate")]
    certificates: Vec<PathBuf>,
    /// The same by its SHA-256, of the DER: base64url (RFC 8705's `x5t#S256`), or hexadecimal as `openssl x509
    /// -fingerprint -sha256` has it. May be repeated.
    #[arg(long = "certificate-digest", value_parser = parse_digest)]
    digests: Vec<String>,
    /// Its secret again.
    #[arg(long)]
    secret: bool,
}

impl ClientAuthCommand {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let jwks = self.how.jwks.as_deref();
        let jwks = jwks.map(std::fs::read_to_string).transpose()?;
        let mut digests = self.how.digests;
        for file in &self.how.certificates {
            digests.push(URL_SAFE_NO_PAD.encode(read_certificate(file)?.sha256));
        }
        let auth = as_registered(&self.client_id, jwks, &digests);
        if auth.is_none() && !self.how.secret {
            return Err(
                "give a JWK Set of public keys, P-256 or RSA of 2048 bits, or up to 8 certificates"
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
        let said = match auth {
            Some(_) => "changed: its secret is of no use any more",
            None => "changed: it proves itself by its secret again",
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
            true => say(said),
            false => return Err("there is no such client".into()),
        }
        Ok(())
    }
}

/// A SHA-256 in base64url, from that or from hexadecimal, with colons or without.
fn parse_digest(text: &str) -> Result<String, String> {
    let digits = text.replace(':', "");
    if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
        let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16));
        let bytes: Vec<u8> = bytes.collect::<Result<_, _>>().unwrap_or_default();
        return Ok(URL_SAFE_NO_PAD.encode(bytes));
    }
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(digest) if digest.len() == 32 => Ok(text.to_owned()),
        _ => Err("give SHA-256 in base64url (43 characters) or hexadecimal".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_taken_in_the_forms_that_tools_print() {
        let base64url = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let colons: Vec<_> = (0..32).map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(parse_digest(base64url).unwrap(), base64url);
        assert_eq!(parse_digest(&colons.join(":")).unwrap(), base64url);
        assert_eq!(
            parse_digest(&colons.concat().to_lowercase()).unwrap(),
            base64url
        );
        for bad in ["", "00", &colons[1..].join(":"), "ä".repeat(32).as_str()] {
            assert!(parse_digest(bad).is_err(), "{bad}");
        }
    }
}
