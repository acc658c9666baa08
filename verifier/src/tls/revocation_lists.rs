//! Whether revocation lists are those of the authorities that a listener trusts (RFC 5280 section 6.3.3).

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::prelude::{CertificateRevocationList, FromDer, X509Certificate};

use super::{TlsError, certificate::sha256, files::Contents, listener::Dated, provider::provider};
use crate::clock::Timestamp;

/// An authority without a list of its own would have all its certificates refused. A handshake finds a list by
/// its authority's name alone, so that no other authority may have that name.
pub(super) fn check_lists(
    (ca_file, authorities): (&Contents, &[CertificateDer<'_>]),
    (file, lists): (&Contents, &[CertificateRevocationListDer<'_>]),
    dated: &mut Vec<Dated>,
) -> Result<(), TlsError> {
    let mut parsed_lists = vec![];
    for list in lists {
        let (_, parsed) = CertificateRevocationList::from_der(list)
            .map_err(|_| file.refused("holds a revocation list that cannot be read"))?;
        if let Some(next) = parsed.next_update() {
            dated.push(Dated {
                option: "crl",
                sha256: sha256(list),
                not_after: Timestamp::from_millis(next.timestamp().saturating_mul(1000)),
            });
        }
        parsed_lists.push(parsed);
    }
    let authorities = authorities.iter();
    let authorities = authorities.filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1));
    let authorities: Vec<_> = authorities.collect();
    for (at, authority) in authorities.iter().enumerate() {
        let is_namesake = |other: &X509Certificate<'_>| {
            is_named(authority, other.subject().as_raw())
                && authority.public_key().raw != other.public_key().raw
        };
        if authorities[..at].iter().any(is_namesake) {
            return Err(ca_file.refused(format_args!(
                "has two authorities of one name, {}, whose revocation lists cannot be told apart: \
                 have one of them by another name",
                authority.subject()
            )));
        }
        let own = parsed_lists.iter();
        let own: Vec<_> = own
            .filter(|list| is_named(authority, list.issuer().as_raw()))
            .collect();
        for list in &own {
            if !is_signed_by(list, authority) {
                return Err(file.refused(format_args!(
                    "has a list in the name of the authority {} that another one has signed: \
                     put its own there",
                    authority.subject()
                )));
            }
        }
        if own.is_empty() {
            return Err(file.refused(format_args!(
                "has no list of the authority {}: add it",
                authority.subject()
            )));
        }
    }
    Ok(())
}

fn is_named(authority: &X509Certificate<'_>, name: &[u8]) -> bool {
    authority.subject().as_raw() == name
}

/// By any of the algorithms that handshakes take: a key fits no other than its own.
fn is_signed_by(list: &CertificateRevocationList<'_>, authority: &X509Certificate<'_>) -> bool {
    let key = authority.public_key().subject_public_key.as_ref();
    let (message, signature) = (list.tbs_cert_list.as_ref(), list.signature_value.as_ref());
    let algorithms = provider().signature_verification_algorithms.all;
    algorithms
        .iter()
        .any(|algorithm| algorithm.verify_signature(key, message, signature).is_ok())
}
