//! Whom a certificate is for.

use std::net::IpAddr;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose, SanType,
};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::PkiError;

/// What its holder does with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Usage {
    /// Calls.
    Client,
    /// Is called.
    Server,
}

/// Holder of a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    usage: Usage,
    /// Host names, addresses; of a client its name alone. Never empty.
    names: Vec<String>,
}

impl Subject {
    /// A holder of these names, the first of which is the common name too.
    ///
    /// # Errors
    /// When there is none, or one is neither an address nor letters, digits, `-`, `_` and `.`.
    pub fn new(usage: Usage, names: Vec<String>) -> Result<Self, PkiError> {
        if names.is_empty() {
            return Err(PkiError::new("give a name"));
        }
        for name in &names {
            let is_host = !name.is_empty()
                && name.len() <= 253
                && !name.starts_with(['.', '-'])
                && name
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c));
            if !is_host && name.parse::<IpAddr>().is_err() {
                return Err(PkiError::new(format!(
                    "{name}: give a host name or an address; letters, digits, - _ and ."
                )));
            }
        }
        Ok(Self { usage, names })
    }

    /// Whom a certificate that this authority made is for; `None` for another's.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let extension = certificate.extended_key_usage().ok()??.value;
        let usage = match (extension.client_auth, extension.server_auth) {
            (true, false) => Usage::Client,
            (false, true) => Usage::Server,
            _ => return None,
        };
        let names = certificate.subject_alternative_name().ok()??.value;
        let names = names.general_names.iter().map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes).map(|ip| ip.to_string()),
            _ => None,
        });
        Self::new(usage, names.collect::<Option<_>>()?).ok()
    }

    /// The first name: of its files, if nothing else is said.
    pub fn name(&self) -> &str {
        &self.names[0]
    }

    pub(super) fn params(&self) -> Result<CertificateParams, PkiError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, self.name());
        for name in &self.names {
            params.subject_alt_names.push(match name.parse() {
                Ok(ip) => SanType::IpAddress(ip),
                Err(_) => SanType::DnsName(name.as_str().try_into()?),
            });
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match self.usage {
            Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
            Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_host_or_an_address() {
        for good in [
            "localhost",
            "shop-8080",
            "pay.example.com",
            "127.0.0.1",
            "::1",
        ] {
            assert!(
                Subject::new(Usage::Server, vec![good.to_owned()]).is_ok(),
                "{good}"
            );
        }
        for bad in ["", "a b", "../ca", "a/b", ".", "-x", "é", "*.example.com"] {
            assert!(
                Subject::new(Usage::Client, vec![bad.to_owned()]).is_err(),
                "{bad}"
            );
        }
        assert!(Subject::new(Usage::Client, vec![]).is_err());
    }
}
