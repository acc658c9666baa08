//! `verifier serve`

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, TryLockError},
    net::{SocketAddr, TcpListener},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum_server::Handle;
use tokio::signal::unix::{SignalKind, signal};

use super::{CliError, logging, start};
use crate::{
    app::App,
    clock::SystemClock,
    config::Config,
    http::{CONSOLE_PLACES, Connections, ServeError, bind, open_file_places, serve as answer},
    mode::Mode,
    rng::SystemRng,
    router,
    store::{
        StoreError,
        audit::{self, AuditEntry},
        configuration_sections::{self, SectionDigest},
    },
    upkeep,
};

/// Seconds that requests under way may take when the process is told to stop.
const DRAIN_S: u64 = 10;

pub(super) async fn serve(path: &Path) -> Result<(), CliError> {
    logging::install();
    // Before it is loaded: what is written in between counts as changed.
    let text = std::fs::read(path).unwrap_or_default();
    let config = Config::load(path)?;
    let _alone = config.store.file().map(lock).transpose()?;
    let listeners = Listeners::bind(&config)?;
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
    log_started(&app, &config).await?;
    listeners.announce(&config.listen.public_origin)?;
    let handle: Handle<SocketAddr> = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone()));
    let upkeep = tokio::spawn(upkeep::run(Arc::clone(&app)));
    let file = ReadFile {
        path: path.to_owned(),
        text,
    };
    let reloading = tokio::spawn(reload_on_signal(Arc::clone(&app), file));
    let served = listeners.answer(&config, &app, &handle).await;
    reloading.abort();
    upkeep.abort();
    served?;
    let logged = upkeep::log_refused_handshakes(&app).await;
    let released = upkeep::release_leases(&app).await;
    let counted = upkeep::count_encryptions(&app).await;
    app.store.close().await;
    if let Some(telemetry) = &app.telemetry {
        telemetry.stop().await;
    }
    tracing::info!(event = "stopped");
    // Whether it could be stored or not, the database is closed.
    counted?;
    Ok(logged.and(released)?)
}

/// By which configuration, before anything is answered; and which sections are not as those that the verifier which
/// started last was given.
async fn log_started(app: &App, config: &Config) -> Result<(), StoreError> {
    let now = app.clock.now();
    let started = AuditEntry {
        action: "configuration.started",
        subject: Some(config.digest.to_vec()),
        ..AuditEntry::default()
    };
    let digests = config.section_digests.iter();
    let sections: BTreeMap<String, SectionDigest> = digests
        .map(|(name, digest)| {
            let told = [name.as_bytes(), b" ", digest].concat();
            (name.clone(), app.pseudonym(Mode::Live, &told))
        })
        .collect();
    let logged = app.store.write("log_started", move |tx| {
        let changed = configuration_sections::replace(tx, &sections)?;
        if !changed.is_empty() {
            let entry = AuditEntry {
                action: "configuration.changed",
                stated: Some(changed.join(" ")),
                ..started.clone()
            };
            audit::append(tx, &entry, now)?;
        }
        audit::append(tx, &started, now)
    });
    logged.await
}

struct Listeners {
    public: TcpListener,
    console: Option<TcpListener>,
    private: TcpListener,
}

impl Listeners {
    fn bind(config: &Config) -> Result<Self, ServeError> {
        let listen = &config.listen;
        Ok(Self {
            public: bind("listen.public", listen.public)?,
            console: listen
                .console
                .map(|address| bind("listen.console", address))
                .transpose()?,
            private: bind("listen.private", listen.private)?,
        })
    }

    fn announce(&self, public_origin: &str) -> Result<(), CliError> {
        let console = self.console.as_ref().map(TcpListener::local_addr);
        tracing::info!(
            event = "listening",
            public = %self.public.local_addr()?,
            console = console.transpose()?.map(|address| address.to_string()),
            private = %self.private.local_addr()?,
            public_origin,
        );
        Ok(())
    }

    /// Until `handle` says to stop.
    async fn answer(
        self,
        config: &Config,
        app: &Arc<App>,
        handle: &Handle<SocketAddr>,
    ) -> Result<(), ServeError> {
        let [browsers, operators, servers] = bounds(config);
        let timeout = Duration::from_secs(config.limits.header_timeout_s);
        let public = answer(
            self.public,
            router::public(app),
            app.tls.public.clone(),
            browsers,
            timeout,
            handle.clone(),
        );
        let console = async {
            let Some(console) = self.console else {
                return Ok(());
            };
            let (router, tls) = (router::console(app), app.tls.console.clone());
            answer(console, router, tls, operators, timeout, handle.clone()).await
        };
        let private = answer(
            self.private,
            router::private(app),
            app.tls.private.clone(),
            servers,
            timeout,
            handle.clone(),
        );
        tokio::try_join!(public, console, private).map(drop)
    }
}

/// Bounds of the public, the console's and the private listener.
fn bounds(config: &Config) -> [Connections; 3] {
    let (listen, limits) = (&config.listen, &config.limits);
    let places = open_file_places(limits.connections);
    let browsers = Connections {
        most: places,
        most_per_address: limits.connections_per_address,
        most_handshakes_per_address: limits.connections_per_address,
        shared: listen.trusted_proxies.clone(),
        only_from: match listen.is_from_proxies_alone(config.tls_public.is_some()) {
            true => listen.trusted_proxies.clone(),
            false => vec![],
        },
        write_timeout: Duration::from_secs(limits.write_timeout_s),
    };
    let operators = Connections {
        most: CONSOLE_PLACES,
        most_per_address: limits.console_connections_per_address,
        most_handshakes_per_address: handshakes(limits.console_connections_per_address),
        only_from: listen.console_networks.clone(),
        ..browsers.clone()
    };
    let servers = Connections {
        most_per_address: limits.private_connections_per_address,
        most_handshakes_per_address: handshakes(limits.private_connections_per_address),
        only_from: listen.private_networks.clone(),
        ..browsers.clone()
    };
    [browsers, operators, servers]
}

/// How many of an address's connections may be in their handshake, where callers are few and their
/// connections last.
fn handshakes(connections: u32) -> u32 {
    (connections / 4).max(8)
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

/// The configuration file as it was read at start. Its text may hold passwords, so nothing shows it.
struct ReadFile {
    path: PathBuf,
    text: Vec<u8>,
}

impl ReadFile {
    fn has_changed(&self) -> bool {
        std::fs::read(&self.path).map_or(true, |text| text != self.text)
    }
}

/// What cannot be used is said in the log; what was used before stays in use.
async fn reload_on_signal(app: Arc<App>, configuration: ReadFile) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangup.recv().await.is_some() {
        upkeep::reload_certificates(&app).await;
        if configuration.has_changed() {
            tracing::warn!(
                event = "configuration_changed",
                advice = "configuration has changed, restart to use it"
            );
        }
    }
}
