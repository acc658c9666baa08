//! One listener's certificates, replaced while it runs.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs::Ticketer},
    pki_types::CertificateDer,
    server::{
        NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier, danger::ClientCertVerifier,
    },
    version::TLS13,
};

use super::{
    CertificateFacts, TlsError,
    certificate::days_between,
    files::{Contents, Files},
    provider::{ClockTime, hybrid_provider, provider, unix_time},
    refusals::Refusals,
    revocation_lists::check_lists,
};
use crate::{
    clock::{Clock, Timestamp},
    config::{ClientCertificates, Config, Tls},
};

/// The certificates of every listener that has some.
#[derive(Default)]
pub struct ListenersTls {
    /// For the checkout's browsers.
    pub public: Option<Arc<ListenerTls>>,
    /// For operators.
    pub console: Option<Arc<ListenerTls>>,
    /// For merchants' servers.
    pub private: Option<Arc<ListenerTls>>,
}

/// What one listener presents and whom it trusts.
pub struct ListenerTls {
    name: &'static str,
    section: String,
    files: Tls,
    clock: Arc<dyn Clock>,
    /// Outlives a change of the certificate, so that browsers' tickets do.
    tickets: Option<Arc<dyn ProducesTickets>>,
    current: RwLock<Arc<Loaded>>,
    /// Digest of what was read last, whether it could be used or not.
    last_read: Mutex<[u8; 32]>,
    generations: AtomicU64,
    refusals: Refusals,
}

/// What the files held when they were last all right.
struct Loaded {
    generation: u64,
    config: Arc<ServerConfig>,
    /// With no other key exchange: rustls follows the caller's order, and some name the hybrid last.
    hybrid_config: Arc<ServerConfig>,
    client_verifier: Option<Arc<dyn ClientCertVerifier>>,
    dated: Vec<Dated>,
}

/// Something of a listener that ends at some time.
#[derive(Clone, Debug)]
pub struct Dated {
    /// The option that names its file: `cert`, `client_ca` or `crl`.
    pub option: &'static str,
    /// SHA-256 of it.
    pub sha256: [u8; 32],
    /// When it ends.
    pub not_after: Timestamp,
}

impl Dated {
    /// Whole days from `now` until it ends; negative once it has.
    pub const fn days_left(&self, now: Timestamp) -> i64 {
        days_between(now, self.not_after)
    }
}

impl ListenersTls {
    /// Reads the certificates of each listener that `config` gives some.
    ///
    /// # Errors
    /// For the first file that is missing or wrong.
    pub fn open(config: &Config, clock: &Arc<dyn Clock>) -> Result<Self, TlsError> {
        let open = |name, tls: &Option<Tls>| {
            tls.as_ref()
                .map(|tls| ListenerTls::open(name, tls.clone(), Arc::clone(clock)).map(Arc::new))
                .transpose()
        };
        Ok(Self {
            public: open("public", &config.tls_public)?,
            console: open("console", &config.tls_console)?,
            private: open("private", &config.tls_private)?,
        })
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ListenerTls>> {
        [&self.public, &self.console, &self.private]
            .into_iter()
            .flatten()
    }
}

impl ListenerTls {
    /// Reads the files of the listener `name`.
    ///
    /// # Errors
    /// When one is missing or wrong, or certificate and key do not belong together.
    pub fn open(name: &'static str, tls: Tls, clock: Arc<dyn Clock>) -> Result<Self, TlsError> {
        let section = format!("tls_{name}");
        let files = Files::read(&section, &tls)?;
        // A resumed session is not checked against authorities and revocation lists again.
        let tickets = match tls.client_ca {
            Some(_) => None,
            None => Some(Ticketer::new().map_err(|error| files.cert.refused(error))?),
        };
        let loaded = Loaded::new(&files, &tls, tickets.as_ref(), &clock, 0)?;
        Ok(Self {
            name,
            section,
            last_read: Mutex::new(files.digest()),
            files: tls,
            clock,
            tickets,
            current: RwLock::new(Arc::new(loaded)),
            generations: AtomicU64::new(0),
            refusals: Refusals::default(),
        })
    }

    /// `public`, `console` or `private`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the next handshake uses, with a caller that offers the key exchange with ML-KEM or one that does
    /// not.
    pub fn config(&self, offers_hybrid: bool) -> Arc<ServerConfig> {
        let loaded = self.loaded();
        Arc::clone(match offers_hybrid {
            true => &loaded.hybrid_config,
            false => &loaded.config,
        })
    }

    /// Whether callers may come with a certificate.
    pub const fn takes_client_certificates(&self) -> bool {
        self.files.client_ca.is_some()
    }

    /// Whether callers without a certificate are turned away.
    pub fn requires_client_certificates(&self) -> bool {
        self.files.client_ca.is_some()
            && self.files.client_certificates == ClientCertificates::Required
    }

    /// A handshake was refused for its client certificate, or for want of one.
    pub fn refused(&self, ip: IpAddr, reason: &'static str) {
        if !self.refusals.note(ip, reason, self.clock.now()) {
            let labels = [("listener", self.name)];
            metrics::counter!("waxseal_handshakes_unlogged_total", &labels).increment(1);
        }
    }

    /// Handshakes that the audit does not have yet.
    pub const fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// Changes whenever a connection's certificate has to be looked at again.
    pub fn generation(&self) -> u64 {
        self.loaded().generation
    }

    /// What of it ends at some time.
    pub fn dated(&self) -> Vec<Dated> {
        self.loaded().dated.clone()
    }

    /// Whether a handshake with this client certificate, first of its chain, would succeed now.
    pub fn trusts(&self, chain: &[CertificateDer<'_>]) -> bool {
        let loaded = self.loaded();
        let Some((verifier, (end_entity, between))) =
            loaded.client_verifier.as_ref().zip(chain.split_first())
        else {
            return false;
        };
        let now = unix_time(&*self.clock);
        verifier
            .verify_client_cert(end_entity, between, now)
            .is_ok()
    }

    /// Reads the files again, and uses what they hold from the next handshake on if it is all right. Gives
    /// whether anything has changed since they were last read.
    ///
    /// # Errors
    /// When what has changed cannot be used; what was used before stays in use. Said once for each change.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let files = Files::read(&self.section, &self.files);
        let mut last_read = self
            .last_read
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A file that is gone is as good as one that is empty.
        let digest = files.as_ref().map_or([0; 32], Files::digest);
        if std::mem::replace(&mut *last_read, digest) == digest {
            return Ok(false);
        }
        let generation = 1 + self.generations.fetch_add(1, Ordering::Relaxed);
        let tickets = self.tickets.as_ref();
        let loaded = Loaded::new(&files?, &self.files, tickets, &self.clock, generation)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
        Ok(true)
    }

    fn loaded(&self) -> Arc<Loaded> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }
}

impl Loaded {
    fn new(
        files: &Files,
        tls: &Tls,
        tickets: Option<&Arc<dyn ProducesTickets>>,
        clock: &Arc<dyn Clock>,
        generation: u64,
    ) -> Result<Self, TlsError> {
        let mut dated = vec![];
        for certificate in &files.cert.certificates()? {
            dated.push(certificate_date("cert", &files.cert, certificate)?);
        }
        let client_verifier = match &files.client_ca {
            Some(authorities) => Some(client_verifier(files, authorities, tls, &mut dated)?),
            None => None,
        };
        let config =
            |provider| server_config(files, provider, client_verifier.as_ref(), tickets, clock);
        Ok(Self {
            generation,
            config: config(provider())?,
            hybrid_config: config(hybrid_provider())?,
            client_verifier,
            dated,
        })
    }
}

fn server_config(
    files: &Files,
    provider: Arc<CryptoProvider>,
    client_verifier: Option<&Arc<dyn ClientCertVerifier>>,
    tickets: Option<&Arc<dyn ProducesTickets>>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let time = Arc::new(ClockTime(Arc::clone(clock)));
    let builder = ServerConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| files.cert.refused(error))?;
    let builder = match client_verifier {
        Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(files.cert.certificates()?, files.key.private_key()?)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => files
                .key
                .refused("is not the key of the certificate: give the pair"),
            error => files.cert.refused(error),
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    match tickets {
        Some(tickets) => config.ticketer = Arc::clone(tickets),
        None => config.send_tls13_tickets = 0,
    }
    Ok(Arc::new(config))
}

fn certificate_date(
    option: &'static str,
    file: &Contents,
    certificate: &CertificateDer<'_>,
) -> Result<Dated, TlsError> {
    let facts = CertificateFacts::read(certificate);
    let facts = facts.ok_or_else(|| file.refused("holds a certificate that cannot be read"))?;
    Ok(Dated {
        option,
        sha256: facts.sha256,
        not_after: facts.not_after,
    })
}

fn client_verifier(
    files: &Files,
    authorities: &Contents,
    tls: &Tls,
    dated: &mut Vec<Dated>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let certificates = authorities.certificates()?;
    let lists = match &files.crl {
        Some(crl) => {
            let lists = crl.revocation_lists()?;
            check_lists((authorities, &certificates), (crl, &lists), dated)?;
            lists
        }
        None => vec![],
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        dated.push(certificate_date("client_ca", authorities, &certificate)?);
        roots
            .add(certificate)
            .map_err(|error| authorities.refused(error))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let builder = match tls.client_certificates {
        ClientCertificates::Optional => builder.allow_unauthenticated(),
        ClientCertificates::Required => builder,
    };
    let built = builder.with_crls(lists).build();
    built.map_err(|error| authorities.refused(error))
}
