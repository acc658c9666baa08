//! TLS 1.3 towards the verifier: whom this shop trusts, and the certificate that it comes with.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    client::WantsClientCert,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::TLS13,
};

/// Files, all PEM. They are read once: restart the shop after a renewal.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The authority of the verifier's certificate.
    pub ca: PathBuf,
    /// This shop's certificate and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Files that cannot be used, in one line that says which.
#[derive(Debug)]
pub struct TlsError(String);

impl TlsFiles {
    /// What a client needs of them.
    ///
    /// # Errors
    /// When one is missing or wrong, or certificate and key do not belong together.
    pub fn client_config(&self) -> Result<ClientConfig, TlsError> {
        let mut roots = RootCertStore::empty();
        for ca in certificates(&self.ca)? {
            roots.add(ca).map_err(|error| refused(&self.ca, &error))?;
        }
        let builder = trusting(roots);
        let Some((certificate, key)) = &self.identity else {
            return Ok(builder.with_no_client_auth());
        };
        let read = PrivateKeyDer::from_pem_file(key).map_err(|error| refused(key, &error))?;
        builder
            .with_client_auth_cert(certificates(certificate)?, read)
            .map_err(|error| refused(certificate, &error))
    }
}

/// The beginning of every configuration: TLS 1.3 and nothing older.
pub(crate) fn trusting(roots: RootCertStore) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13]);
    #[expect(clippy::expect_used, reason = "nothing of it comes from outside")]
    // Unwrap safety: refused only by a provider without a suite of TLS 1.3, and this one has three.
    let builder = builder.expect("a suite of TLS 1.3");
    builder.with_root_certificates(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match all {
        Ok(all) if all.is_empty() => Err(refused(path, &"holds no certificate")),
        Ok(all) => Ok(all),
        Err(error) => Err(refused(path, &error)),
    }
}

fn refused(path: &Path, problem: &dyn fmt::Display) -> TlsError {
    TlsError(format!("{}: {problem}", path.display()))
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}
