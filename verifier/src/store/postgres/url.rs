//! The address of a PostgreSQL database.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Seconds to wait for a connection.
const CONNECT_S: u64 = 5;

/// Why an address cannot be used, in one line that says what to do.
#[derive(Debug)]
pub struct UrlError(String);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UrlError {}

/// Where a PostgreSQL database is and how to come by it. May hold a password: `Debug` and `Display` show
/// hosts and database alone.
#[derive(Clone)]
pub struct PostgresUrl {
    config: Config,
    ca_file: Option<PathBuf>,
    writing: Writing,
}

/// How a verifier writes to PostgreSQL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Writing {
    /// Jobs that share one commit at most.
    pub group: u16,
    /// Connections that write, each its own groups.
    pub writers: u8,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            group: 256,
            writers: 1,
        }
    }
}

impl PostgresUrl {
    /// Reads `postgres://user@host/database?sslmode=require`. `ca_file` holds the certificates (PEM) that a
    /// server's may be signed by; the system's where it is absent.
    ///
    /// # Errors
    /// When it is no such URL, or names a host that is not local without TLS.
    pub fn parse(url: &str, ca_file: Option<PathBuf>) -> Result<Self, UrlError> {
        let refused = |problem: &str| UrlError(format!("store.url: {problem}"));
        // The parser's own message may quote what it was given.
        let mut config = Config::from_str(url).map_err(|_| {
            refused("not a PostgreSQL URL; give postgres://USER@HOST/DATABASE?sslmode=require")
        })?;
        if config.get_hosts().is_empty() {
            return Err(refused("names no host"));
        }
        let is_local = config.get_hosts().iter().all(is_local)
            && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        match config.get_ssl_mode() {
            SslMode::Require => {}
            _ if is_local => {
                config.ssl_mode(SslMode::Disable);
            }
            _ => {
                return Err(refused(
                    "a host that is not local needs TLS: add sslmode=require",
                ));
            }
        }
        config
            .connect_timeout(Duration::from_secs(CONNECT_S))
            .keepalives_idle(Duration::from_secs(30))
            .application_name("waxseal-verifier");
        Ok(Self {
            config,
            ca_file,
            writing: Writing::default(),
        })
    }

    /// The same, written to in another way.
    #[must_use]
    pub const fn with_writing(mut self, writing: Writing) -> Self {
        self.writing = writing;
        self
    }

    /// Whether TLS is spoken; if not, the server is on this machine.
    pub fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    pub(in crate::store) const fn writing(&self) -> Writing {
        self.writing
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    /// TLS as rustls does it: the certificate is verified, whatever the URL says.
    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, UrlError> {
        let mut roots = RootCertStore::empty();
        if self.config.get_ssl_mode() == SslMode::Require {
            self.add_roots(&mut roots)?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| UrlError(format!("store.url: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }

    fn add_roots(&self, roots: &mut RootCertStore) -> Result<(), UrlError> {
        let Some(path) = &self.ca_file else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            return Ok(());
        };
        let failed = |problem: &dyn fmt::Display| {
            UrlError(format!("store.ca_file: {}: {problem}", path.display()))
        };
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(&error))? {
            let certificate = certificate.map_err(|error| failed(&error))?;
            roots.add(certificate).map_err(|error| failed(&error))?;
        }
        if roots.is_empty() {
            return Err(failed(&"holds no certificate"));
        }
        Ok(())
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            let separator = if at == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) => write!(f, "{separator}{name}")?,
                Host::Unix(path) => write!(f, "{separator}{}", path.display())?,
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_not_local_needs_tls() {
        for local in [
            "postgres://verifier@localhost/waxseal",
            "postgres://verifier@127.0.0.1:5433/waxseal",
            "postgres://verifier@%2Frun%2Fpostgresql/waxseal",
            "postgres://verifier@db.example/waxseal?sslmode=require",
        ] {
            assert!(PostgresUrl::parse(local, None).is_ok(), "{local}");
        }
        for bare in [
            "postgres://verifier@db.example/waxseal",
            "postgres://verifier@db.example/waxseal?sslmode=prefer",
            "postgres://verifier@localhost,db.example/waxseal",
            "postgres://verifier@192.0.2.1/waxseal?sslmode=disable",
            "postgres://verifier@localhost/waxseal?hostaddr=192.0.2.1",
        ] {
            let refused = PostgresUrl::parse(bare, None).unwrap_err().to_string();
            assert!(refused.contains("sslmode=require"), "{bare}: {refused}");
        }
        assert!(PostgresUrl::parse("waxseal.sqlite", None).is_err());
    }

    #[test]
    fn a_password_is_never_shown() {
        let url = "postgres://verifier:s3cret-word@localhost/waxseal";
        let parsed = PostgresUrl::parse(url, None).unwrap();
        assert_eq!(format!("{parsed:?} {parsed}").matches("s3cret").count(), 0);
        let wrong = "postgres://verifier:s3cret-word@local host:x/waxseal?what=s3cret";
        let refused = PostgresUrl::parse(wrong, None).unwrap_err().to_string();
        assert!(!refused.contains("s3cret"), "{refused}");
    }
}
