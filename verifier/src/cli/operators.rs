//! `verifier operators add|list|revoke`

use std::path::Path;

use serde_json::json;

use super::{CliError, merchants::check_name, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    identity::{OperatorScope, Scopes, make_operator},
    rng::SystemRng,
    store::{
        Schema,
        audit::{self, AuditEntry},
        operators,
    },
};

pub(super) async fn add(
    path: &Path,
    name: String,
    scopes: Vec<OperatorScope>,
    as_json: bool,
) -> Result<(), CliError> {
    check_name(&name)?;
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

pub(super) async fn list(path: &Path, as_json: bool) -> Result<(), CliError> {
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

pub(super) async fn revoke(path: &Path, id: String) -> Result<(), CliError> {
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
