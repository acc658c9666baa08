//! From a connection in its place to one whose TLS handshake is done.

use std::{io, net::IpAddr, pin::Pin, sync::Arc, time::Duration};

use axum_server::accept::Accept;
use rustls::{CertificateError, Error as TlsFailure, InvalidMessage, NamedGroup, server::Acceptor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    ClientCertificate,
    client_certificate::Certified,
    connections::{Connection, Gate},
};
use crate::tls::ListenerTls;

/// To plain HTTP.
const SPEAK_HTTPS: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n\
    content-length: 12\r\nconnection: close\r\n\r\nspeak HTTPS\n";

/// Takes a place first, of the few that an address has for handshakes that are not done.
#[derive(Clone)]
pub(super) struct TlsGate {
    pub(super) gate: Gate,
    pub(super) tls: Arc<ListenerTls>,
    pub(super) handshake_timeout: Duration,
}

/// Apart from the connection's task, which would hold its kilobyte several times over.
type Stream = Box<TlsStream<Connection>>;
type Handshake<S> = io::Result<(Stream, Certified<S>)>;

impl<S: Send + 'static> Accept<TcpStream, S> for TlsGate {
    type Stream = Stream;
    type Service = Certified<S>;
    type Future = Pin<Box<dyn Future<Output = Handshake<S>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let ip = stream.peer_addr().map(|peer| peer.ip().to_canonical());
        let placed = self.gate.accept_handshake(stream, service);
        let (tls, handshake_timeout) = (Arc::clone(&self.tls), self.handshake_timeout);
        Box::pin(async move {
            let (connection, service) = placed?;
            // Before the configuration: what changes in between is looked at again.
            let generation = tls.generation();
            let handshake = handshake(connection, &tls);
            let done = tokio::time::timeout(handshake_timeout, handshake).await;
            let done = done.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            match done {
                Ok(mut stream) => {
                    let listener = tls.name();
                    metrics::counter!("waxseal_tls_handshakes_total", "listener" => listener)
                        .increment(1);
                    stream.get_mut().0.end_handshake();
                    let certificate = certificate(&stream, tls)?;
                    let certificate = certificate.map(|it| it.checked_under(generation));
                    Ok((
                        Box::new(stream),
                        Certified {
                            service,
                            certificate,
                        },
                    ))
                }
                Err(error) => {
                    tell(&tls, ip.ok(), &error);
                    Err(error)
                }
            }
        })
    }
}

async fn handshake(
    mut connection: Connection,
    tls: &ListenerTls,
) -> io::Result<TlsStream<Connection>> {
    // A record of a handshake begins with 22; a request of plain HTTP with its method.
    if connection.first_byte().await?.is_ascii_uppercase() {
        // Whoever speaks it learns more by words than by an alert; that they do not listen is no matter.
        let _ = connection.read(&mut [0; 1024]).await;
        let _ = connection.write_all(SPEAK_HTTPS).await;
        let _ = connection.shutdown().await;
        let no_tls = TlsFailure::InvalidMessage(InvalidMessage::InvalidContentType);
        return Err(io::Error::new(io::ErrorKind::InvalidData, no_tls));
    }
    let start = LazyConfigAcceptor::new(Acceptor::default(), connection).await?;
    let groups = start.client_hello().named_groups();
    let offers_hybrid = groups.is_some_and(|groups| groups.contains(&NamedGroup::X25519MLKEM768));
    start.into_stream(tls.config(offers_hybrid)).await
}

fn certificate(
    stream: &TlsStream<Connection>,
    tls: Arc<ListenerTls>,
) -> io::Result<Option<ClientCertificate>> {
    let Some(chain) = stream.get_ref().1.peer_certificates() else {
        return Ok(None);
    };
    let certificate = ClientCertificate::new(chain, tls);
    let unread = || io::Error::other("a client certificate that was verified cannot be read");
    certificate.ok_or_else(unread).map(Some)
}

/// Log and metrics; the caller has its alert. The error's own text may quote what was sent. Who could not prove who it
/// is by a certificate is for the audit too.
fn tell(tls: &ListenerTls, ip: Option<IpAddr>, error: &io::Error) {
    let (listener, reason) = (tls.name(), reason(error));
    if let Some(ip) = ip.filter(|_| reason.starts_with("certificate_")) {
        tls.refused(ip, reason);
    }
    match reason {
        // Whoever looks whether the port is open does no more.
        "closed" => tracing::info!(event = "tls_refused", listener, reason),
        _ => tracing::warn!(event = "tls_refused", listener, reason),
    }
    let labels = [("listener", listener), ("reason", reason)];
    metrics::counter!("waxseal_tls_refused_total", &labels).increment(1);
}

fn reason(error: &io::Error) -> &'static str {
    let failure = error.get_ref().and_then(|inner| inner.downcast_ref());
    match failure {
        None if error.kind() == io::ErrorKind::TimedOut => "timeout",
        None => "closed",
        Some(TlsFailure::AlertReceived(_)) => "alert_received",
        Some(TlsFailure::InvalidCertificate(error)) => certificate_reason(error),
        Some(TlsFailure::InvalidMessage(_)) => "not_tls",
        Some(TlsFailure::NoApplicationProtocol) => "application_protocol",
        Some(TlsFailure::NoCertificatesPresented) => "certificate_missing",
        Some(TlsFailure::PeerIncompatible(_)) => "version_or_algorithm",
        Some(_) => "handshake",
    }
}

fn certificate_reason(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "certificate_expired"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "certificate_purpose"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "certificate_not_valid_yet"
        }
        CertificateError::Revoked => "certificate_revoked",
        CertificateError::UnknownIssuer => "certificate_unknown_issuer",
        CertificateError::UnknownRevocationStatus => "certificate_without_revocation_list",
        _ => "certificate_invalid",
    }
}
