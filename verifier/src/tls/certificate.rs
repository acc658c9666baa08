//! What a certificate says, as far as the verifier acts on it (RFC 5280).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::clock::Timestamp;

/// Facts of one certificate. That it can be trusted is not among them.
#[derive(Clone, Debug)]
pub struct CertificateFacts {
    /// Subject alternative names: `dns:…` in lower case, `uri:…`.
    pub names: Vec<String>,
    /// When it begins.
    pub not_before: Timestamp,
    /// When it ends.
    pub not_after: Timestamp,
    /// SHA-256 of the whole certificate (`x5t#S256`, RFC 8705 section 3.1).
    pub sha256: [u8; 32],
    /// SHA-256 of its `SubjectPublicKeyInfo`: the same for every certificate of one key.
    pub spki_sha256: [u8; 32],
}

impl CertificateFacts {
    /// Reads a certificate in DER; `None` when it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok()?;
        let names = names.map_or_else(Vec::new, |extension| {
            let names = extension.value.general_names.iter();
            names.filter_map(name).collect()
        });
        let at = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
        Some(Self {
            names,
            not_before: at(certificate.validity().not_before.timestamp()),
            not_after: at(certificate.validity().not_after.timestamp()),
            sha256: sha256(der),
            spki_sha256: sha256(certificate.public_key().raw),
        })
    }

    /// The pin of its key: `spki:` and the digest in base64url.
    pub fn pin(&self) -> String {
        format!("spki:{}", URL_SAFE_NO_PAD.encode(self.spki_sha256))
    }

    /// Whole days from `now` until it ends; negative once it has.
    pub const fn days_left(&self, now: Timestamp) -> i64 {
        days_between(now, self.not_after)
    }
}

/// Whole days, rounded down.
pub(super) const fn days_between(now: Timestamp, then: Timestamp) -> i64 {
    then.millis()
        .saturating_sub(now.millis())
        .div_euclid(24 * 60 * 60 * 1000)
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut value = [0; 32];
    value.copy_from_slice(digest(&SHA256, bytes).as_ref());
    value
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(format!("dns:{}", name.to_ascii_lowercase())),
        GeneralName::URI(uri) => Some(format!("uri:{uri}")),
        _ => None,
    }
}
