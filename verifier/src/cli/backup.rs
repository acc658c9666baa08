//! `verifier backup` and `verifier restore`

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{CliError, erase_again, say, start::open_store};
use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    store::{
        Schema, Store, StoreError,
        audit::{self, AuditEntry},
    },
    vault,
};

/// Writes a copy of the database that is whole in itself, while a verifier goes on with it.
pub(super) async fn backup(path: &Path, to: &Path) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    if to.exists() {
        return Err(format!("{} is there already", to.display()).into());
    }
    // Before it is done, and in the copy too.
    log(&store, "database.copied").await?;
    // Under another name until it is whole.
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    // Made here, for its mode; SQLite writes into an empty file.
    create_private(&partial).map_err(|error| format!("{}: {error}", partial.display()))?;
    let target = partial.clone();
    let copied = store.read(move |connection| crate::store::copy_into(connection, &target));
    if let Err(error) = copied.await {
        std::fs::remove_file(&partial)?;
        return Err(error.into());
    }
    File::open(&partial)?.sync_all()?;
    std::fs::rename(&partial, to)?;
    say(&format!(
        "wrote {}; it is read with the key that wraps all others, which is kept elsewhere",
        to.display()
    ));
    Ok(())
}

/// Puts a backup in the place of a database that is gone, and opens every value in it.
pub(super) async fn restore(path: &Path, from: &Path) -> Result<(), CliError> {
    let config = Config::load(path)?;
    let database = config.store.file().ok_or(StoreError::NotAFile)?;
    // SQLite would play a former database's log into the restored one.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut file = database.as_os_str().to_owned();
        file.push(suffix);
        let file = Path::new(&file);
        if file.exists() {
            return Err(format!("{} is there: move it away first", file.display()).into());
        }
    }
    let copied = create_private(database).and_then(|mut out| {
        io::copy(&mut File::open(from)?, &mut out)?;
        out.sync_all()
    });
    let opened = match copied {
        Ok(()) => open_store(&config, Schema::Migrate)
            .await
            .map_err(CliError::from),
        Err(error) => Err(format!("{}: {error}", from.display()).into()),
    };
    let (store, keys) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            // It may not even have been made.
            let _ = std::fs::remove_file(database);
            return Err(error);
        }
    };
    let erased = erase_again::replay(&config, &store, &keys).await;
    if erased.is_err() {
        store.close().await;
        erased?;
    }
    log(&store, "database.restored").await?;
    let keyring = Arc::clone(&keys.current());
    let inspected = store.read(move |connection| vault::inspect(connection, &keyring));
    let found = inspected.await?;
    say(&format!(
        "restored {}: {} cards, {} submissions, {} customers, {} damaged rows",
        database.display(),
        found.cards,
        found.submissions,
        found.customers,
        found.damaged
    ));
    store.close().await;
    match found.first_damaged {
        None => Ok(()),
        Some(id) => Err(format!("the backup has damaged rows, {id} first").into()),
    }
}

async fn log(store: &Store, action: &'static str) -> Result<(), StoreError> {
    let now = SystemClock.now();
    let entry = AuditEntry {
        action,
        ..AuditEntry::default()
    };
    let logged = store.write("log_copy", move |tx| audit::append(tx, &entry, now));
    logged.await
}

fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
