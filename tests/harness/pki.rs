//! An authority in a folder of its own, and callers that come with its certificates.

use std::{path::PathBuf, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    client::{Resumption, WantsClientCert},
    crypto::{CryptoProvider, aws_lc_rs::default_provider},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    time_provider::TimeProvider,
    version::TLS13,
};
use tempfile::TempDir;
use waxseal_verifier::{
    clock::{Clock, Timestamp},
    config::{ClientCertificates, Tls},
    http::ClientCertificate,
    pki::{Authority, Issued, Subject, Usage},
    tls::ListenerTls,
};

use crate::SeededRng;

/// An authority whose clock stands still.
pub struct TestPki {
    /// Its files, and those that it made.
    pub folder: TempDir,
    authority: Authority,
    ca: CertificateDer<'static>,
    now: Timestamp,
    rng: SeededRng,
}

/// A clock for rustls that stands still.
#[derive(Debug)]
pub struct FixedTime(pub Timestamp);

impl TimeProvider for FixedTime {
    fn current_time(&self) -> Option<UnixTime> {
        let since_epoch = Duration::from_secs(self.0.seconds());
        Some(UnixTime::since_unix_epoch(since_epoch))
    }
}

impl TestPki {
    /// An authority that begins at `now`.
    pub fn new(now: Timestamp, seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let rng = SeededRng::new(seed);
        let name = format!("Authority {seed}");
        let authority = Authority::create(folder.path(), &name, 3650, now, &rng);
        let ca = CertificateDer::from_pem_file(folder.path().join("ca.crt"));
        Self {
            authority: authority.expect("an authority"),
            ca: ca.expect("a certificate"),
            folder,
            now,
            rng,
        }
    }

    /// One of its files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// A listener's certificate for `localhost`, `stem.crt` and `stem.key`.
    pub fn server(&self, stem: &str) -> Issued {
        self.issue(Usage::Server, "localhost", stem, 100, self.now)
    }

    /// A caller's certificate for its name.
    pub fn client(&self, name: &str) -> Issued {
        self.issue(Usage::Client, name, name, 100, self.now)
    }

    /// A caller's certificate for `days` from `now` on.
    pub fn client_for(&self, name: &str, days: u32, now: Timestamp) -> Issued {
        self.issue(Usage::Client, name, name, days, now)
    }

    fn issue(&self, usage: Usage, name: &str, stem: &str, days: u32, now: Timestamp) -> Issued {
        let subject = Subject::new(usage, vec![name.to_owned()]).expect("a subject");
        let files = Issued::at(&self.path(stem));
        let issued = self.authority.issue(&subject, &files, days, now, &self.rng);
        issued.expect("a certificate");
        files
    }

    /// Puts it on the revocation list.
    pub fn revoke(&self, issued: &Issued) {
        let revoked = self.authority.revoke(&issued.certificate, self.now);
        assert!(revoked.expect("a list"));
    }

    /// Makes it anew, in its place.
    pub fn renew(&self, issued: &Issued, now: Timestamp) {
        let renewed = self.authority.renew(issued, false, 100, now, &self.rng);
        renewed.expect("a certificate");
    }

    /// `[tls_…]` of a listener with a certificate of its own.
    pub fn listener(&self, stem: &str) -> Tls {
        let issued = self.server(stem);
        Tls {
            cert: issued.certificate,
            key: issued.key,
            client_ca: None,
            crl: None,
            client_certificates: ClientCertificates::default(),
        }
    }

    /// The same for a listener whose callers have to come with a certificate of this authority.
    pub fn mutual(&self, stem: &str) -> Tls {
        Tls {
            client_ca: Some(self.path("ca.crt")),
            crl: Some(self.path("ca.crl")),
            ..self.listener(stem)
        }
    }

    /// What a request has of a caller with that certificate, on a listener of its own that asks for one.
    pub fn presented(&self, issued: &Issued, clock: Arc<dyn Clock>) -> ClientCertificate {
        let stem = issued.certificate.with_extension("listener");
        let stem = stem.file_name().expect("a name").to_str().expect("UTF-8");
        let listener = ListenerTls::open("private", self.mutual(stem), clock);
        let (chain, _) = read(issued);
        let certificate = ClientCertificate::new(&chain, Arc::new(listener.expect("a listener")));
        certificate.expect("a certificate")
    }

    /// A caller that trusts this authority, with that certificate or with none, at `now`. No session is
    /// resumed.
    pub fn caller(&self, issued: Option<&Issued>, now: Timestamp) -> ClientConfig {
        let builder = self.trusting(default_provider(), now);
        let mut config = match issued {
            None => builder.with_no_client_auth(),
            Some(issued) => {
                let (chain, key) = read(issued);
                builder
                    .with_client_auth_cert(chain, key)
                    .expect("a certificate and its key")
            }
        };
        config.resumption = Resumption::disabled();
        config
    }

    /// A caller without a certificate that speaks what `provider` has.
    pub fn caller_with(&self, provider: CryptoProvider, now: Timestamp) -> ClientConfig {
        let mut config = self.trusting(provider, now).with_no_client_auth();
        config.resumption = Resumption::disabled();
        config
    }

    fn trusting(
        &self,
        provider: CryptoProvider,
        now: Timestamp,
    ) -> ConfigBuilder<ClientConfig, WantsClientCert> {
        let mut roots = RootCertStore::empty();
        roots.add(self.ca.clone()).expect("an authority");
        ClientConfig::builder_with_details(Arc::new(provider), Arc::new(FixedTime(now)))
            .with_protocol_versions(&[&TLS13])
            .expect("TLS 1.3")
            .with_root_certificates(roots)
    }
}

fn read(issued: &Issued) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let chain = CertificateDer::from_pem_file(&issued.certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(&issued.key).expect("a key");
    (vec![chain], key)
}
