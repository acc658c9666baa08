//! The authority and its certificates.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};
use zeroize::Zeroizing;

use super::{
    PkiError, Subject,
    files::{PRIVATE, PUBLIC, certificate, create, failed, read, replace, with_suffix},
    revocation::Revoked,
};
use crate::{clock::Timestamp, rng::Rng, tls::CertificateFacts};

/// Clocks differ.
const BEFORE_NOW: Duration = Duration::hours(1);

/// An authority with its key.
pub struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// Files of a certificate and its key.
pub struct Issued {
    /// The certificate.
    pub certificate: PathBuf,
    /// The key, mode 0600.
    pub key: PathBuf,
}

impl Issued {
    /// `stem` and `.crt`, `stem` and `.key`.
    pub fn at(stem: &Path) -> Self {
        Self {
            certificate: with_suffix(stem, ".crt"),
            key: with_suffix(stem, ".key"),
        }
    }
}

impl Authority {
    /// Makes an authority of that name in `folder`, for `days`.
    ///
    /// # Errors
    /// When there is one already, or the folder cannot be written.
    pub fn create(
        folder: &Path,
        name: &str,
        days: u32,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Self, PkiError> {
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        // Both, before either is written: no key is left beside another's certificate.
        let files = ["ca.key", "ca.crt"].map(|file| folder.join(file));
        if let Some(there) = files.iter().find(|file| file.exists()) {
            return Err(failed(there, &"is there already: it stays as it is"));
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        // It certifies no further authority.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        limit(&mut params, days, now, rng)?;
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let pem = Zeroizing::new(key.serialize_pem());
        create(&folder.join("ca.key"), &pem, PRIVATE)?;
        create(&folder.join("ca.crt"), &certificate.pem(), PUBLIC)?;
        let authority = Self {
            folder: folder.to_owned(),
            issuer: Issuer::new(params, key),
        };
        authority.write_list(&Revoked::default(), now)?;
        Ok(authority)
    }

    /// Opens the authority in `folder`.
    ///
    /// # Errors
    /// When there is none, or its certificate and key do not belong together.
    pub fn open(folder: &Path) -> Result<Self, PkiError> {
        let (certificate_path, key_path) = (folder.join("ca.crt"), folder.join("ca.key"));
        if !certificate_path.exists() {
            return Err(failed(
                &certificate_path,
                &"is not there: `verifier pki init` makes it",
            ));
        }
        let der = certificate(&certificate_path)?;
        let key = KeyPair::from_pem(&read(&key_path)?)
            .map_err(|_| failed(&key_path, &"holds no private key in PEM form"))?;
        let (_, parsed) = X509Certificate::from_der(&der)
            .map_err(|_| failed(&certificate_path, &"holds no certificate that can be read"))?;
        if parsed.public_key().subject_public_key.as_ref() != key.public_key_raw() {
            return Err(failed(
                &key_path,
                &"is not the key of ca.crt: put the pair there",
            ));
        }
        Ok(Self {
            folder: folder.to_owned(),
            issuer: Issuer::from_ca_cert_der(&der, key)?,
        })
    }

    /// Certifies a new key of `subject`'s for `days`, into files that must not be there yet.
    ///
    /// # Errors
    /// When they are, or cannot be written.
    pub fn issue(
        &self,
        subject: &Subject,
        files: &Issued,
        days: u32,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<(), PkiError> {
        let key = KeyPair::generate()?;
        let certificate = self.certify(subject, &key, days, now, rng)?;
        let pem = Zeroizing::new(key.serialize_pem());
        create(&files.key, &pem, PRIVATE)?;
        create(&files.certificate, &certificate, PUBLIC)
    }

    /// Certifies the holder of a certificate of this authority's anew for `days`, with another key or,
    /// where `keep_key`, with the same. Each file is replaced whole. The revocation list is signed anew too.
    ///
    /// # Errors
    /// When the certificate is another authority's, or a file cannot be read or written.
    pub fn renew(
        &self,
        files: &Issued,
        keep_key: bool,
        days: u32,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<(), PkiError> {
        let der = self.own(&files.certificate)?;
        let subject = Subject::of(&der).ok_or_else(|| {
            failed(
                &files.certificate,
                &"was not made by `verifier pki issue`: issue another",
            )
        })?;
        self.write_list(&self.revoked()?, now)?;
        if keep_key {
            let key = KeyPair::from_pem(&read(&files.key)?)
                .map_err(|_| failed(&files.key, &"holds no private key in PEM form"))?;
            let certificate = self.certify(&subject, &key, days, now, rng)?;
            return replace(&files.certificate, &certificate, PUBLIC);
        }
        let key = KeyPair::generate()?;
        let certificate = self.certify(&subject, &key, days, now, rng)?;
        let pem = Zeroizing::new(key.serialize_pem());
        replace(&files.key, &pem, PRIVATE)?;
        replace(&files.certificate, &certificate, PUBLIC)
    }

    /// Puts a certificate of this authority's on the revocation list; gives whether it was not there yet.
    ///
    /// # Errors
    /// When it is another authority's, or a file cannot be read or written.
    pub fn revoke(&self, certificate: &Path, now: Timestamp) -> Result<bool, PkiError> {
        let der = self.own(certificate)?;
        let (_, parsed) = X509Certificate::from_der(&der)
            .map_err(|_| failed(certificate, &"holds no certificate that can be read"))?;
        let mut revoked = self.revoked()?;
        let is_new = revoked.add(parsed.raw_serial(), date(now)?);
        self.write_list(&revoked, now)?;
        Ok(is_new)
    }

    /// Whole days that are left of a certificate.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn days_left(path: &Path, now: Timestamp) -> Result<i64, PkiError> {
        let facts = CertificateFacts::read(&certificate(path)?);
        let facts = facts.ok_or_else(|| failed(path, &"holds no certificate that can be read"))?;
        Ok(facts.days_left(now))
    }

    fn certify(
        &self,
        subject: &Subject,
        key: &KeyPair,
        days: u32,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<String, PkiError> {
        let mut params = subject.params()?;
        limit(&mut params, days, now, rng)?;
        Ok(params.signed_by(key, &self.issuer)?.pem())
    }

    /// A certificate that names this authority's key as the one that signed it.
    fn own(&self, path: &Path) -> Result<CertificateDer<'static>, PkiError> {
        let (der, ca) = (
            certificate(path)?,
            certificate(&self.folder.join("ca.crt"))?,
        );
        let (signed_by, _) = key_ids(&der);
        let (_, own) = key_ids(&ca);
        match signed_by.is_some() && signed_by == own {
            true => Ok(der),
            false => Err(failed(path, &"is not a certificate of this authority")),
        }
    }

    fn revoked(&self) -> Result<Revoked, PkiError> {
        let path = self.folder.join("ca.crl");
        // A list that is gone would bring back all that it had revoked.
        let pem = read(&path)?;
        Revoked::parse(&pem).ok_or_else(|| failed(&path, &"holds no revocation list in PEM form"))
    }

    fn write_list(&self, revoked: &Revoked, now: Timestamp) -> Result<(), PkiError> {
        let list = revoked.sign(&self.issuer, date(now)?)?;
        replace(&self.folder.join("ca.crl"), &list, PUBLIC)
    }
}

/// Identifiers of the key that signed a certificate and of its own (RFC 5280 sections 4.2.1.1 and 4.2.1.2).
fn key_ids(der: &[u8]) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let (mut signed_by, mut own) = (None, None);
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return (signed_by, own);
    };
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                signed_by = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            ParsedExtension::SubjectKeyIdentifier(id) => own = Some(id.0.to_vec()),
            _ => {}
        }
    }
    (signed_by, own)
}

/// From a little before now, for `days`, under a serial number of 126 random bits.
fn limit(
    params: &mut CertificateParams,
    days: u32,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(), PkiError> {
    let now = date(now)?;
    params.not_before = now - BEFORE_NOW;
    params.not_after = now + Duration::days(days.into());
    let mut serial = rng.array::<16>()?;
    serial[0] = (serial[0] & 0x7f) | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(())
}

fn date(at: Timestamp) -> Result<OffsetDateTime, PkiError> {
    let seconds = at.millis().div_euclid(1000);
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| PkiError::new("the clock is wrong"))
}
