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
    accounts::{Name, Origins, insert_client, insert_merchant},
    clock::{Clock, SystemClock},
    config::Config,
    identity::{Scopes, make_client},
    mode::Mode,
    rng::{Rng, SystemRng},
    store::{
        Schema, client_certificates,
        merchants::{self, Merchant},
    },
};

pub(super) async fn add(
    path: &Path,
    name: String,
    origins: Vec<String>,
    mode: Mode,
    certificates: Certificates,
    as_json: bool,
) -> Result<(), CliError> {
    let name = parse_name(name)?;
    let identifiers = certificates.identifiers()?;
    let origins = Origins::try_from(origins).map_err(|error| format!("--origin {error}"))?;
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let rng: &dyn Rng = &SystemRng::default();
    let failed = |_| "the random number generator failed";
    let now = SystemClock.now();
    let id = rng.id(&mode.id_prefix("mch"), now).map_err(failed)?;
    let merchant = Merchant {
        id: id.clone(),
        mode,
        name: name.as_str().to_owned(),
        created_at: now,
    };
    let new =
        make_client(&id, mode, &Scopes::all(), now, rng).map_err(|_| "no secret could be made")?;
    let client = new.client.clone();
    let known_by = identifiers.clone();
    let stored = store.write("add_merchant", move |tx| {
        insert_merchant(tx, &merchant, &origins, &now.into())?;
        insert_client(tx, &client, &now.into())?;
        for identifier in &known_by {
            client_certificates::bind(tx, &client.id, identifier, now)?;
        }
        Ok(())
    });
    stored.await.map_err(taken)?;
    say_added(&id, &new, &identifiers, as_json);
    Ok(())
}

pub(super) fn parse_name(name: String) -> Result<Name, CliError> {
    let fault = "--name: 1 to 100 characters, no control characters, no space at either end";
    Name::parse(name).ok_or_else(|| fault.into())
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
