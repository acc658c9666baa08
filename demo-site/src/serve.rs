//! `waxseal-demo serve`: puts the shop together and runs it until it is told to stop.

use std::{fmt, io::IsTerminal, net::SocketAddr, sync::Arc};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use crate::{
    app::{App, Site},
    cli::ServeOptions,
    router::build_router,
    sdk_manifest::SdkManifest,
    shopper::Registry,
    tls::TlsFiles,
    verifier::{Credentials, VerifierClient},
    wire::{Relay, WireLog},
};

/// Why the shop could not start or go on, in one line.
#[derive(Debug)]
pub struct ServeError(String);

/// Runs the shop until SIGINT or SIGTERM.
///
/// # Errors
/// When an option cannot be used or an address is taken.
pub async fn run(options: ServeOptions) -> Result<(), ServeError> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let relay = match (options.relay_listen, options.relay_to) {
        (Some(listen), Some(to)) => Some(open_relay(listen, to).await?),
        _ => None,
    };
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| ServeError(format!("cannot listen on {}: {error}", options.listen)))?;
    let (relay, wire) = relay.unzip();
    let app = Arc::new(assemble(&options, wire)?);
    tracing::info!(address = %options.listen, origin = app.site.shop_origin, "the shop is open");

    let saver = options.state.clone().map(|path| {
        let app = Arc::clone(&app);
        tokio::spawn(async move { app.shoppers.keep_in(path).await })
    });
    let relay = relay.map(|relay| tokio::spawn(relay.run()));
    let stop = stop_signal()?;
    axum::serve(listener, build_router(Arc::clone(&app)))
        .with_graceful_shutdown(stop)
        .await
        .map_err(|error| ServeError(format!("the shop stopped: {error}")))?;
    for task in [saver, relay].into_iter().flatten() {
        task.abort();
    }
    match options.state {
        Some(path) => app
            .shoppers
            .save(&path)
            .await
            .map_err(|error| ServeError(format!("cannot save {}: {error}", path.display()))),
        None => Ok(()),
    }
}

fn assemble(options: &ServeOptions, wire: Option<Arc<WireLog>>) -> Result<App, ServeError> {
    let loader_integrity = match &options.sdk_manifest {
        Some(path) => Some(SdkManifest::from_file(path)?.loader_integrity()?),
        None => None,
    };
    let shoppers = match &options.state {
        Some(path) => Registry::load(path)
            .map_err(|error| ServeError(format!("cannot read {}: {error}", path.display())))?,
        None => Registry::default(),
    };
    let own = || format!("http://localhost:{}", options.listen.port());
    Ok(App {
        site: Site {
            shop_origin: options.origin.clone().unwrap_or_else(own),
            verifier_origin: options.verifier_origin.clone(),
            loader_integrity,
        },
        verifier: verifier_client(options)?,
        shoppers,
        wire,
    })
}

fn verifier_client(options: &ServeOptions) -> Result<VerifierClient, ServeError> {
    let base = &options.verifier_private;
    let in_file = options.credentials.as_deref().map(Credentials::from_file);
    let credentials = in_file.transpose()?;
    let identity = options.client_certificate.clone();
    let identity = identity.zip(options.client_key.clone());
    let Some(ca) = options.verifier_ca.clone() else {
        let credentials = credentials.map_or_else(credentials_from_environment, Ok)?;
        return Ok(VerifierClient::new(base, &credentials)?);
    };
    let credentials = match (credentials, &identity) {
        (None, None) => Some(credentials_from_environment()?),
        (credentials, _) => credentials,
    };
    let tls = TlsFiles { ca, identity };
    Ok(VerifierClient::over_tls(base, &tls, credentials.as_ref())?)
}

fn credentials_from_environment() -> Result<Credentials, ServeError> {
    let read = |name: &str| {
        std::env::var(name).map_err(|_| {
            ServeError(format!(
                "no credentials: give --credentials FILE or set {name}"
            ))
        })
    };
    let id = read("WAXSEAL_DEMO_CLIENT_ID")?;
    Ok(Credentials::new(id, read("WAXSEAL_DEMO_CLIENT_SECRET")?))
}

async fn open_relay(
    listen: SocketAddr,
    to: SocketAddr,
) -> Result<(Relay, Arc<WireLog>), ServeError> {
    let log = Arc::new(WireLog::default());
    let relay = Relay::bind(listen, to, Arc::clone(&log))
        .await
        .map_err(|error| ServeError(format!("cannot relay from {listen}: {error}")))?;
    tracing::info!(%listen, %to, "relaying the verifier's public listener");
    Ok((relay, log))
}

fn stop_signal() -> Result<impl Future<Output = ()>, ServeError> {
    let cannot = |error| ServeError(format!("cannot wait for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for ServeError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
