//! Listening: HTTP/1.1, bounded in time, stopped without cutting answers off.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;

use super::{
    connections::{Connections, Gate},
    tls_gate::TlsGate,
};
use crate::tls::ListenerTls;

/// A listener that cannot be opened, in one line that says what to do.
#[derive(Debug)]
pub struct ServeError(String);

impl std::fmt::Display for ServeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServeError {}

/// Opens `address`; `option` names it in the configuration.
///
/// # Errors
/// When it is in use or not ours to open.
pub fn bind(option: &str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    let failed = |error| ServeError(format!("{option} = {address}: {error}"));
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// Answers on `listener` until `handle` says to stop: over TLS where there are certificates, each
/// handshake within `header_timeout` too, and over plain HTTP where there are none.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<ListenerTls>>,
    connections: Connections,
    header_timeout: Duration,
    handle: Handle<SocketAddr>,
) -> Result<(), ServeError> {
    let failed = |error: std::io::Error| ServeError(error.to_string());
    let mut server = axum_server::from_tcp(listener)
        .map_err(failed)?
        .http1_only()
        .handle(handle);
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        // Else it reads on while a request is under way, to see whether the caller has gone: a system call
        // and a further buffer each time. What a caller has asked for is done whether it waits or not.
        .half_close(true)
        .max_buf_size(16 * 1024);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let gate = Gate::new(connections);
    let outcome = match tls {
        None => server.acceptor(gate).serve(service).await,
        Some(tls) => {
            let gate = TlsGate {
                gate,
                tls,
                handshake_timeout: header_timeout,
            };
            server.acceptor(gate).serve(service).await
        }
    };
    outcome.map_err(failed)
}
