//! A connection to an address that was checked.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::http::{Uri, uri::Scheme};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tower::Service;

use super::{CallError, address::AddressPolicy, resolve::Resolve};

/// How long one address may take, so that the next one has its turn.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Resolves a URL's host, checks what was answered, and connects to what was checked: a name that answers
/// otherwise a moment later is not asked again.
#[derive(Clone)]
pub(super) struct Connector(Arc<Shared>);

struct Shared {
    policy: AddressPolicy,
    resolver: Arc<dyn Resolve>,
    plain_http_on_loopback: bool,
}

impl Connector {
    pub(super) fn new(
        policy: AddressPolicy,
        resolver: Arc<dyn Resolve>,
        plain_http_on_loopback: bool,
    ) -> Self {
        Self(Arc::new(Shared {
            policy,
            resolver,
            plain_http_on_loopback,
        }))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, CallError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let shared = Arc::clone(&self.0);
        Box::pin(async move { shared.connect(&uri).await })
    }
}

impl Shared {
    async fn connect(&self, uri: &Uri) -> Result<TokioIo<TcpStream>, CallError> {
        let is_plain = uri.scheme() != Some(&Scheme::HTTPS);
        if is_plain && !self.plain_http_on_loopback {
            return Err(CallError::UrlRefused);
        }
        let host = uri.host().ok_or(CallError::UrlRefused)?;
        let port = uri.port_u16().unwrap_or(if is_plain { 80 } else { 443 });
        let found = self.addresses(host).await?;
        let mut allowed = found
            .into_iter()
            .filter(|ip| self.policy.allows(*ip) && (!is_plain || ip.is_loopback()))
            .peekable();
        if allowed.peek().is_none() {
            return Err(CallError::AddressRefused);
        }
        for ip in allowed {
            if let Ok(stream) = connect_to(SocketAddr::new(ip, port)).await {
                return Ok(TokioIo::new(stream));
            }
        }
        Err(CallError::Unreachable)
    }

    /// At least one.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, CallError> {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = literal.parse() {
            return Ok(vec![ip]);
        }
        match self.resolver.resolve(host).await {
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) | Err(_) => Err(CallError::NoAddress),
        }
    }
}

async fn connect_to(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
