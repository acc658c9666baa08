//! `verifier serve`

use std::{
    fs::{File, OpenOptions, TryLockError},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

use axum_server::Handle;
use tokio::signal::unix::{SignalKind, signal};

use super::{CliError, logging, start};
use crate::{
    clock::SystemClock,
    config::Config,
    http::{Connections, bind, open_file_places, serve as answer},
    rng::SystemRng,
    router, upkeep,
};

/// Seconds that requests under way may take when the process is told to stop.
const DRAIN_S: u64 = 10;

pub(super) async fn serve(path: &Path) -> Result<(), CliError> {
    logging::install();
    let config = Config::load(path)?;
    let _alone = config.store.file().map(lock).transpose()?;
    let public = bind("listen.public", config.listen.public)?;
    let private = bind("listen.private", config.listen.private)?;
    let console = config.listen.console;
    let console = console
        .map(|address| bind("listen.console", address))
        .transpose()?;
    let app = start(
        &config,
        Arc::new(SystemClock),
        Arc::new(SystemRng::default()),
    )
    .await?;
    // A mode whose sealing key was revoked while nothing ran has none yet.
    upkeep::keys_due(&app).await?;
    app.keys.refresh(&app.store).await?;
    let app = Arc::new(app);
    let (public_address, private_address) = (public.local_addr()?, private.local_addr()?);
    tracing::info!(
        event = "listening",
        public = %public_address,
        private = %private_address,
        public_origin = config.listen.public_origin,
    );
    let handle: Handle<SocketAddr> = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone()));
    let upkeep = tokio::spawn(upkeep::run(Arc::clone(&app)));
    let header_timeout = Duration::from_secs(config.limits.header_timeout_s);
    let places = open_file_places(config.limits.connections);
    let for_browsers = Connections {
        most: places,
        most_per_address: config.limits.connections_per_address,
        shared: config.listen.trusted_proxies.clone(),
        write_timeout: Duration::from_secs(config.limits.write_timeout_s),
    };
    let for_servers = Connections {
        most_per_address: places,
        ..for_browsers.clone()
    };
    let for_people = for_servers.clone();
    let on_console = async {
        match console {
            Some(console) => {
                let router = router::console(&app);
                answer(console, router, for_people, header_timeout, handle.clone()).await
            }
            None => Ok(()),
        }
    };
    tokio::try_join!(
        answer(
            public,
            router::public(&app),
            for_browsers,
            header_timeout,
            handle.clone()
        ),
        answer(
            private,
            router::private(&app),
            for_servers,
            header_timeout,
            handle.clone()
        ),
        on_console,
    )?;
    upkeep.abort();
    let counted = upkeep::count_encryptions(&app).await;
    app.store.close().await;
    tracing::info!(event = "stopped");
    // Whether it could be stored or not, the database is closed.
    Ok(counted?)
}

/// Two verifiers on one file would each think that they know its keys and limits. The lock ends with the
/// process, however that ends.
fn lock(database: &Path) -> Result<File, CliError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", Path::new(&path).display());
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .map_err(|error| failed(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(failed(&"another verifier serves this database").into())
        }
        Err(TryLockError::Error(error)) => Err(failed(&error).into()),
    }
}

async fn stop_on_signal(handle: Handle<SocketAddr>) {
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    handle.graceful_shutdown(Some(Duration::from_secs(DRAIN_S)));
}
