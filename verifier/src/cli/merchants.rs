//! `verifier merchants add|list`

use std::path::Path;

use serde_json::json;

use super::{CliError, say, start::open_store};
use crate::{
    accounts::{Name, Origins, insert_client, insert_merchant},
    clock::{Clock, SystemClock},
    config::Config,
    identity::{Scopes, make_client},
    mode::Mode,
    rng::{Rng, SystemRng},
    store::{
        Schema,
        merchants::{self, Merchant},
    },
};

pub(super) async fn add(
    path: &Path,
    name: String,
    origins: Vec<String>,
    mode: Mode,
    as_json: bool,
) -> Result<(), CliError> {
    let name = parse_name(name)?;
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
    let new = make_client(&id, mode, &Scopes::all(), now, rng).map_err(failed)?;
    let client = new.client.clone();
    store
        .write("add_merchant", move |tx| {
            insert_merchant(tx, &merchant, &origins, &now.into())?;
            insert_client(tx, &client, &now.into())
        })
        .await?;
    // EXPOSE: the secret is shown here, once.
    let (client_id, secret) = (&new.client.id, new.secret.as_str());
    if as_json {
        say(
            &json!({ "merchant_id": id, "client_id": client_id, "client_secret": secret })
                .to_string(),
        );
    } else {
        say(&format!(
            "merchant_id    {id}\nclient_id      {client_id}\nclient_secret  {secret}"
        ));
        say("Keep the secret: it is not shown again.");
    }
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
