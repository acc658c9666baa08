//! TLS as a client: who may have signed a server's certificate.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::OutboundError;
use crate::{clock::Clock, tls::ClockTime};

/// TLS 1.3 and 1.2 (others' servers may be older than the verifier's), by the system's authorities and those
/// in `ca_file`.
pub(super) fn client_config(
    ca_file: Option<&Path>,
    clock: &Arc<dyn Clock>,
) -> Result<ClientConfig, OutboundError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let time = Arc::new(ClockTime(Arc::clone(clock)));
    let config = ClientConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()
        .map_err(|error| OutboundError(format!("outbound: {error}")))?
        .with_root_certificates(roots(ca_file)?)
        .with_no_client_auth();
    Ok(config)
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, OutboundError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let Some(path) = ca_file else {
        return Ok(roots);
    };
    let failed = |problem: &dyn std::fmt::Display| {
        OutboundError(format!("outbound.ca_file: {}: {problem}", path.display()))
    };
    let mut added = 0;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(&error))? {
        let certificate = certificate.map_err(|error| failed(&error))?;
        roots.add(certificate).map_err(|error| failed(&error))?;
        added += 1;
    }
    match added {
        0 => Err(failed(&"holds no certificate")),
        _ => Ok(roots),
    }
}
