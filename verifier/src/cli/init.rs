//! `verifier init`

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{CliError, kek_source, say};
use crate::{
    assets::Assets,
    clock::{Clock, SystemClock},
    config::{Config, initial_file},
    keys::{Kek, Keyring},
    rng::SystemRng,
    store::{Location, Schema, Store, StoreError},
};

/// Makes what is missing of: configuration, key file, database, keys.
pub(super) async fn init(
    path: &Path,
    assets: &Path,
    ip_country_db: Option<&Path>,
) -> Result<(), CliError> {
    let had_config = path.exists();
    if !had_config {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let ip_country_db = ip_country_db.map(absolute).transpose()?;
        let text = initial_file(&absolute(assets)?, ip_country_db.as_deref());
        // It may come to hold a Valkey's password.
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())?;
        say(&format!("made the configuration {}", path.display()));
    }
    let config = Config::load(path)?;
    let rng = SystemRng::default();
    let location = config.store.location()?;
    let has_database = is_there(&location).await?;
    let source = kek_source(&config)?;
    let kek = if Kek::exists(&source)? {
        Kek::open(&source)?
    } else if has_database {
        return Err(format!("the database exists but its {source} does not: restore it").into());
    } else {
        let kek = Kek::create(&source, &rng)?;
        say(&format!("made the {source}"));
        kek
    };
    let store = Store::create(&location).await?;
    if !has_database {
        say(&format!("made the database {location}"));
    }
    Keyring::create(&store, &kek, &rng, SystemClock.now()).await?;
    Keyring::load(&store, &kek).await?;
    let wanted = absolute(assets)?;
    if had_config && config.assets.dir != wanted {
        say(&format!(
            "kept assets.dir = {} of {}: edit it there to change it",
            config.assets.dir.display(),
            path.display()
        ));
    }
    match Assets::load(&config.assets.dir) {
        Ok(_) => say("ready: `verifier serve` starts it"),
        Err(error) => say(&format!("not ready to serve yet: {error}")),
    }
    Ok(())
}

/// Whether there is a database with our tables.
async fn is_there(location: &Location) -> Result<bool, StoreError> {
    match location {
        Location::Sqlite(path) => Ok(path.exists()),
        Location::Postgres(_) => match Store::open(location, Schema::Expect).await {
            Ok(_) => Ok(true),
            Err(StoreError::Migration(_)) => Ok(false),
            Err(error) => Err(error),
        },
    }
}

fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}
