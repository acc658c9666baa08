//! The certificate that a connection's caller proved to have.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::http::Request;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::pki_types::CertificateDer;
use tower::Service;

use crate::{
    clock::Timestamp,
    tls::{CertificateFacts, ListenerTls},
};

/// Extension of each request on a connection with a client certificate. The handshake has checked it;
/// [`ClientCertificate::is_trusted`] says whether it would do so again.
#[derive(Clone)]
pub struct ClientCertificate(Arc<Inner>);

struct Inner {
    chain: Vec<CertificateDer<'static>>,
    facts: CertificateFacts,
    listener: Arc<ListenerTls>,
    /// The listener's generation under which it was found to be trusted last.
    trusted_under: AtomicU64,
}

impl ClientCertificate {
    /// From the chain that a caller sent to `listener`, its own certificate first; `None` when that is not
    /// to be understood.
    pub fn new(chain: &[CertificateDer<'_>], listener: Arc<ListenerTls>) -> Option<Self> {
        let facts = CertificateFacts::read(chain.first()?)?;
        let chain = chain.iter().map(|der| der.clone().into_owned()).collect();
        Some(Self(Arc::new(Inner {
            chain,
            facts,
            listener,
            // None: looked at with the first request.
            trusted_under: AtomicU64::new(u64::MAX),
        })))
    }

    /// The same, which a handshake has checked under that generation of the listener.
    pub(super) fn checked_under(self, generation: u64) -> Self {
        self.0.trusted_under.store(generation, Ordering::Relaxed);
        self
    }

    /// SHA-256 of the certificate in base64url: `x5t#S256` (RFC 8705 section 3.1).
    pub fn x5t_s256(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.facts.sha256)
    }

    /// SHA-256 of the certificate.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.0.facts.sha256
    }

    /// SHA-256 of its `SubjectPublicKeyInfo`.
    pub fn spki_sha256(&self) -> &[u8; 32] {
        &self.0.facts.spki_sha256
    }

    /// What a client may be known by, the most exact first: `spki:…`, then its subject alternative names
    /// `dns:…` and `uri:…`.
    pub fn identifiers(&self) -> Vec<String> {
        let names = self.0.facts.names.iter().cloned();
        std::iter::once(self.0.facts.pin()).chain(names).collect()
    }

    /// Whether it has not ended, and whether the listener's authorities and revocation lists, as they are
    /// now, still vouch for it.
    pub fn is_trusted(&self, now: Timestamp) -> bool {
        let inner = &*self.0;
        if now < inner.facts.not_before || now > inner.facts.not_after {
            return false;
        }
        let generation = inner.listener.generation();
        if inner.trusted_under.load(Ordering::Relaxed) == generation {
            return true;
        }
        let is_trusted = inner.listener.trusts(&inner.chain);
        if is_trusted {
            inner.trusted_under.store(generation, Ordering::Relaxed);
        }
        is_trusted
    }
}

/// Gives each request of a connection the certificate that the connection has.
#[derive(Clone)]
pub(super) struct Certified<S> {
    pub(super) service: S,
    pub(super) certificate: Option<ClientCertificate>,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Certified<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(certificate) = &self.certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        self.service.call(request)
    }
}
