//! `verifier merchants add|list`

use std::path::Path;

use serde_json::json;

use super::{
    CliError,
    clients::{Certificates, say_added, taken},
    say,
    start::open_store,
};
use crate::{
    clock::{Clock, SystemClock},
    config::{Config, parse_origin},
    identity::{Scopes, make_client},
    mode::Mode,
    rng::{Rng, SystemRng},
    store::{
        Schema,
        audit::{self, AuditEntry},
        client_certificates, clients,
        merchants::{self, Merchant},
    },
};

/// Longest name of a merchant or an operator, in bytes.
const MAX_NAME: usize = 100;

pub(super) async fn add(
    path: &Path,
    name: String,
    origins: Vec<String>,
    mode: Mode,
    certificates: Certificates,
    as_json: bool,
) -> Result<(), CliError> {
    check_name(&name)?;
    let identifiers = certificates.identifiers()?;
    for origin in &origins {
        if parse_origin(origin).is_none() {
            return Err(format!(
                "--origin {origin}: give scheme, host and port only, such as https://shop.example; \
                 http is for localhost"
            )
            .into());
        }
    }
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let rng: &dyn Rng = &SystemRng::default();
    let failed = |_| "the random number generator failed";
    let now = SystemClock.now();
    let id = rng.id(&mode.id_prefix("mch"), now).map_err(failed)?;
    let merchant = Merchant {
        id: id.clone(),
        mode,
        name,
        created_at: now,
    };
    let new = make_client(&id, mode, &Scopes::all(), now, rng).map_err(failed)?;
    let client = new.client.clone();
    let known_by = identifiers.clone();
    let entry = AuditEntry {
        action: "merchant.added",
        merchant_id: Some(id.clone()),
        client_id: Some(client.id.clone()),
        ..AuditEntry::default()
    };
    let stored = store.write("add_merchant", move |tx| {
        merchants::insert(tx, &merchant, &origins)?;
        clients::insert(tx, &client, now)?;
        for identifier in &known_by {
            client_certificates::bind(tx, &client.id, identifier, now)?;
        }
        audit::append(tx, &entry, now)
    });
    stored.await.map_err(taken)?;
    say_added(&id, &new, &identifiers, as_json);
    Ok(())
}

pub(super) fn check_name(name: &str) -> Result<(), CliError> {
    if name.trim().is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(format!("--name: 1 to {MAX_NAME} bytes without control characters").into());
    }
    Ok(())
}

pub(super) async fn list(path: &Path, as_json: bool) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let found = store.read(|connection| {
        let all = merchants::list(connection)?;
        all.into_iter()
            .map(|merchant| {
                let origins = merchants::origins(connection, &merchant.id)?;
                Ok((merchant, origins))
            })
            .collect::<Result<Vec<_>, _>>()
    });
    for (merchant, origins) in found.await? {
        let (id, mode, name) = (merchant.id, merchant.mode.as_str(), merchant.name);
        if as_json {
            say(&json!({ "id": id, "mode": mode, "name": name, "origins": origins }).to_string());
        } else {
            say(&format!("{id}  {mode}  {name}  {}", origins.join(" ")));
        }
    }
    Ok(())
}
