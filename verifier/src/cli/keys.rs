//! `verifier keys list|rotate|retire|revoke|destroy|rewrap`

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{CliError, kek_source, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    keys::{Kek, KekSource, KeyView, Purpose, change_state, rewrap, rotate},
    mode::Mode,
    rng::SystemRng,
    store::{Schema, key_state::KeyState, key_uses, keys},
};

/// A key, and how many values are encrypted or digested under it.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    key: KeyView,
    values: u64,
}

pub(super) async fn list(path: &Path, as_json: bool) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let rows = store.read(|connection| {
        let all = keys::list(connection)?;
        all.into_iter()
            .map(|row| Ok((key_uses::count(connection, &row)?, row)))
            .collect::<Result<Vec<_>, _>>()
    });
    for (uses, row) in rows.await? {
        if as_json {
            let key = KeyView::from(&row);
            say(&serde_json::to_string(&Listed { key, values: uses })?);
        } else {
            let since = [
                row.destroyed_at,
                row.retired_at,
                row.activated_at,
                Some(row.created_at),
            ];
            let since = since
                .into_iter()
                .flatten()
                .next()
                .map(crate::clock::Timestamp::rfc3339);
            let uses = if uses > 0 {
                format!("  {uses} values")
            } else {
                String::new()
            };
            say(&format!(
                "{}  {:<4}  {:<16}  v{}  {:<9}  since {}{uses}",
                row.id,
                row.mode.as_str(),
                row.purpose,
                row.version,
                row.state.as_str(),
                since.unwrap_or_default(),
            ));
        }
    }
    Ok(())
}

pub(super) async fn make_next(
    path: &Path,
    purpose: Purpose,
    mode: Mode,
    at_once: bool,
) -> Result<(), CliError> {
    let (store, keys) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let rng = SystemRng::default();
    let now = SystemClock.now();
    let row = rotate(&store, keys.kek(), (purpose, mode), at_once, &rng, now).await?;
    say(&format!(
        "{}  version {} is {}",
        row.id,
        row.version,
        row.state.as_str()
    ));
    match (row.state, purpose) {
        (KeyState::Pending, Purpose::Sealing) => {
            say("It is published now and used after keys.sealing_lead_s.");
        }
        (KeyState::Pending, _) => {
            say(
                "It is used when the running verifier has given every card a fingerprint under it.",
            );
        }
        _ => {}
    }
    Ok(())
}

pub(super) async fn set_state(path: &Path, id: &str, next: KeyState) -> Result<(), CliError> {
    let (store, keys) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let (rng, now) = (SystemRng::default(), SystemClock.now());
    change_state(&store, keys.kek(), id, next, &rng, now).await?;
    // A wiped key's bytes would stay in the log until it is folded back.
    store.close().await;
    say(&format!("{id} is {}", next.as_str()));
    Ok(())
}

pub(super) async fn wrap_anew(
    path: &Path,
    to: Option<PathBuf>,
    to_keys_of: Option<PathBuf>,
) -> Result<(), CliError> {
    let config = Config::load(path)?;
    let (store, keys) = open_store(&config, Schema::Expect).await?;
    let rng = SystemRng::default();
    let source = match (to, to_keys_of) {
        (Some(file), None) => KekSource::File(file),
        (None, Some(other)) => kek_source(&Config::load(&other)?)?,
        _ => return Err("give --to or --to-keys-of".into()),
    };
    let next = if Kek::exists(&source)? {
        Kek::open(&source)?
    } else {
        Kek::create(&source, &rng)?
    };
    let count = rewrap(&store, keys.kek(), &next, &rng, SystemClock.now()).await?;
    say(&format!(
        "{count} keys are wrapped by {source}. Name that one under [keys] and restart \
         the verifier; keep the {} for backups made until now.",
        kek_source(&config)?
    ));
    Ok(())
}
