//! Keys wrapped for the store: AES-256-GCM under the KEK, bound to what the key is.

use zeroize::Zeroizing;

use super::{Kek, KeyringError};
use crate::{
    lengths::{LengthPrefixed, NONCE_LEN},
    mode::Mode,
    rng::Rng,
};

const FORMAT: u8 = 1;

/// What a key is for. A key is never used for two things.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Purpose {
    /// Signs access tokens (ES256, a P-256 private key).
    AccessToken,
    /// Signs roots over the audit (ES256, a P-256 private key); of the live mode alone.
    AuditRoot,
    /// Signs client tokens (HMAC-SHA256).
    ClientToken,
    /// Encrypts CVCs that wait in Valkey for their authorisation (AES-256-GCM).
    Cvc,
    /// Encrypts columns at rest (AES-256-GCM): a data encryption key.
    Dek,
    /// Tokenizes (FF1, AES-256).
    Ff1,
    /// Root of the merchants' fingerprint keys (HMAC-SHA256).
    FingerprintRoot,
    /// Signs models (ES256, a P-256 private key); of the live mode alone. Made when the first model is added.
    Model,
    /// Digests what is looked up but must not be read back: addresses, idempotency keys.
    Pseudonym,
    /// Opens envelopes (P-256 private key).
    Sealing,
    /// Opens cards that another vault sent (P-256 private key). Made when an import is planned.
    VaultImport,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 11] = [
        Self::AccessToken,
        Self::AuditRoot,
        Self::ClientToken,
        Self::Cvc,
        Self::Dek,
        Self::Ff1,
        Self::FingerprintRoot,
        Self::Model,
        Self::Pseudonym,
        Self::Sealing,
        Self::VaultImport,
    ];

    /// Whether a mode always has an active key of this purpose.
    pub const fn is_always_there(self) -> bool {
        !matches!(self, Self::Model | Self::VaultImport)
    }

    /// Whether there are keys of this purpose in a mode.
    pub const fn is_of(self, mode: Mode) -> bool {
        !matches!((self, mode), (Self::AuditRoot | Self::Model, Mode::Test))
    }

    /// The name in the store and in the wrapped key's AAD.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::AuditRoot => "audit_root",
            Self::ClientToken => "client_token",
            Self::Cvc => "cvc",
            Self::Dek => "dek",
            Self::Ff1 => "ff1",
            Self::FingerprintRoot => "fingerprint_root",
            Self::Model => "model",
            Self::Pseudonym => "pseudonym",
            Self::Sealing => "sealing",
            Self::VaultImport => "vault_import",
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }
}

/// The wrapped key cannot be unwrapped: another KEK, another place, or damage.
#[derive(Debug)]
pub(super) struct UnwrapError;

/// `version(1) || nonce(12) || AES-256-GCM(KEK, nonce, key, aad) || tag(16)`
pub(super) fn wrap(
    kek: &Kek,
    id: &str,
    purpose: Purpose,
    mode: Mode,
    key: &[u8; 32],
    rng: &dyn Rng,
) -> Result<Vec<u8>, KeyringError> {
    let nonce: [u8; NONCE_LEN] = rng.array().map_err(|_| KeyringError::Rng)?;
    let sealed = kek
        .encrypt(&nonce, &aad(kek, id, purpose, mode), key)
        .map_err(KeyringError::Kek)?;
    Ok([&[FORMAT][..], &nonce, &sealed].concat())
}

/// The reverse of [`wrap`].
pub(super) fn unwrap(
    kek: &Kek,
    id: &str,
    purpose: Purpose,
    mode: Mode,
    wrapped: &[u8],
) -> Result<Zeroizing<[u8; 32]>, UnwrapError> {
    let (&format, rest) = wrapped.split_first().ok_or(UnwrapError)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(UnwrapError)?;
    if format != FORMAT {
        return Err(UnwrapError);
    }
    kek.decrypt(nonce, &aad(kek, id, purpose, mode), sealed)
        .ok_or(UnwrapError)
}

fn aad(kek: &Kek, id: &str, purpose: Purpose, mode: Mode) -> Vec<u8> {
    LengthPrefixed::default()
        .part(b"waxseal-wrapped-key")
        .part(&[FORMAT])
        .part(kek.id().as_bytes())
        .part(id.as_bytes())
        .part(purpose.as_str().as_bytes())
        .part(mode.as_str().as_bytes())
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::keys::KekSource;
    use crate::{
        hex::{hex, unhex},
        rng::SystemRng,
    };

    /// A key file and a key that it wrapped, as the first version wrote them.
    const PINNED_KEK: &str = r#"{"format":"waxseal-kek-1","id":"Q_nR3Ltfm0oc","key":"DLRrD0U5lGxlTv_gcOMQMV9BJL5bjMvMgoYAkYYr50Y"}"#;
    const PINNED: &str = "01f1ce1f275b884cf58789909cbe50960843d6a0baecbb2911655f8310b0d959dd48cc6072ccb4f7627b17861e75b3061c08b4bcf88b5f137cc9337457";

    #[test]
    fn the_pinned_key_file_and_wrapped_key_open_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kek");
        std::fs::write(&path, PINNED_KEK).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let kek = Kek::open(&KekSource::File(path)).unwrap();
        let wrapped = unhex(PINNED);
        let opened = unwrap(&kek, "k1", Purpose::Dek, Mode::Test, &wrapped).unwrap();
        assert_eq!(*opened, [7; 32]);
    }

    #[test]
    #[ignore = "prints what the test above pins"]
    fn print_pinned() {
        let folder = tempfile::tempdir().unwrap();
        let rng = SystemRng::default();
        let path = folder.path().join("a");
        let kek = Kek::create(&KekSource::File(path.clone()), &rng).unwrap();
        println!("{}", std::fs::read_to_string(path).unwrap());
        let wrapped = wrap(&kek, "k1", Purpose::Dek, Mode::Test, &[7; 32], &rng).unwrap();
        println!("{}", hex(&wrapped));
    }

    #[test]
    fn a_wrapped_key_opens_only_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let rng = SystemRng::default();
        let kek = Kek::create(&KekSource::File(folder.path().join("a")), &rng).unwrap();
        let other = Kek::create(&KekSource::File(folder.path().join("b")), &rng).unwrap();
        let wrapped = wrap(&kek, "k1", Purpose::Dek, Mode::Test, &[7; 32], &rng).unwrap();

        let opened = unwrap(&kek, "k1", Purpose::Dek, Mode::Test, &wrapped).unwrap();
        assert_eq!(*opened, [7; 32]);
        assert!(unwrap(&other, "k1", Purpose::Dek, Mode::Test, &wrapped).is_err());
        assert!(unwrap(&kek, "k2", Purpose::Dek, Mode::Test, &wrapped).is_err());
        assert!(unwrap(&kek, "k1", Purpose::Ff1, Mode::Test, &wrapped).is_err());
        assert!(unwrap(&kek, "k1", Purpose::Dek, Mode::Live, &wrapped).is_err());
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert!(
                unwrap(&kek, "k1", Purpose::Dek, Mode::Test, &changed).is_err(),
                "byte {at}"
            );
            assert!(unwrap(&kek, "k1", Purpose::Dek, Mode::Test, &wrapped[..at]).is_err());
        }
    }
}
