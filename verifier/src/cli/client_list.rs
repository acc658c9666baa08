//! `verifier clients list`

use std::path::Path;

use serde_json::json;

use super::{CliError, say, start::open_store};
use crate::{
    clock::Timestamp,
    config::Config,
    store::{Schema, Store, StoreError, client_auths, client_certificates, clients},
};

pub(super) async fn list(path: &Path, as_json: bool) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    for listed in all(&store).await? {
        let Listed {
            client,
            certificates,
            token_auth,
        } = listed;
        let (id, merchant_id) = (client.id, client.merchant_id);
        if as_json {
            let list = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect();
            let scopes: Vec<String> = list(&client.scopes);
            let networks: Vec<String> = list(&client.networks);
            let line = json!({
                "id": id, "merchant_id": merchant_id, "name": client.name, "scopes": scopes,
                "certificates": certificates, "token_auth": token_auth, "networks": networks,
                "revoked_at": client.revoked_at.map(Timestamp::rfc3339),
            });
            say(&line.to_string());
        } else {
            let mut known_by = certificates;
            known_by.extend(token_auth.map(|method| format!("{method} for tokens")));
            if known_by.is_empty() {
                known_by.push("secret".to_owned());
            }
            if client.revoked_at.is_some() {
                known_by.push("(revoked)".to_owned());
            }
            let known_by = known_by.join(" ");
            let from = match client.networks.as_str() {
                "" => "everywhere",
                networks => networks,
            };
            let scopes = client.scopes;
            say(&format!(
                "{id}  {merchant_id}  {scopes}  by {known_by}  from {from}"
            ));
        }
    }
    Ok(())
}

struct Listed {
    client: clients::Client,
    /// What it is known by.
    certificates: Vec<String>,
    /// How it proves itself for tokens, where that is neither its secret nor one of these.
    token_auth: Option<String>,
}

async fn all(store: &Store) -> Result<Vec<Listed>, StoreError> {
    let found = store.read(|connection| {
        let all = clients::page(connection, None, "", u32::MAX)?.into_iter();
        all.map(|client| {
            let auth = client_auths::find(connection, &client.id)?;
            Ok(Listed {
                certificates: client_certificates::of_client(connection, &client.id)?,
                token_auth: auth.map(|auth| auth.method),
                client,
            })
        })
        .collect()
    });
    found.await
}
