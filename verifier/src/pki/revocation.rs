//! The list of what an authority has revoked (RFC 5280 section 5).

use rcgen::{
    CertificateRevocationListParams, Issuer, KeyIdMethod, KeyPair, RevocationReason,
    RevokedCertParams, SerialNumber,
};
use rustls::pki_types::{CertificateRevocationListDer, pem::PemObject};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{CertificateRevocationList, FromDer};

use super::PkiError;

/// After this many days without a command that signs it anew, a list counts as old.
const DAYS: i64 = 365;

/// Serial numbers that are revoked, and when each was.
#[derive(Default)]
pub(super) struct Revoked(Vec<(Vec<u8>, OffsetDateTime)>);

impl Revoked {
    /// Reads a list in PEM.
    pub(super) fn parse(pem: &str) -> Option<Self> {
        let der = CertificateRevocationListDer::from_pem_slice(pem.as_bytes()).ok()?;
        let (_, list) = CertificateRevocationList::from_der(&der).ok()?;
        let revoked = list.iter_revoked_certificates().map(|entry| {
            let at = entry.revocation_date.timestamp();
            let at = OffsetDateTime::from_unix_timestamp(at).ok()?;
            Some((entry.raw_serial().to_vec(), at))
        });
        revoked.collect::<Option<_>>().map(Self)
    }

    /// Adds a serial number; gives whether it was not there yet.
    pub(super) fn add(&mut self, serial: &[u8], at: OffsetDateTime) -> bool {
        let is_new = !self.0.iter().any(|(known, _)| known == serial);
        if is_new {
            self.0.push((serial.to_vec(), at));
        }
        is_new
    }

    /// The list in PEM, signed by the authority.
    pub(super) fn sign(
        &self,
        issuer: &Issuer<'_, KeyPair>,
        now: OffsetDateTime,
    ) -> Result<String, PkiError> {
        let revoked_certs = self.0.iter().map(|(serial, at)| RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: *at,
            reason_code: Some(RevocationReason::Unspecified),
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: now,
            next_update: now + Duration::days(DAYS),
            // Grows with every list.
            crl_number: SerialNumber::from_slice(&now.unix_timestamp().to_be_bytes()),
            issuing_distribution_point: None,
            revoked_certs: revoked_certs.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(issuer)?.pem()?)
    }
}
