//! The key-encryption key, which wraps all others, and where it comes from.

mod file;
mod pkcs11;

use std::path::PathBuf;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

pub use pkcs11::Pkcs11Key;

use crate::{
    lengths::{NONCE_LEN, TAG_LEN},
    rng::Rng,
};

/// A 256-bit AES key that wraps all others, in this process or in a hardware security module.
pub struct Kek {
    id: String,
    provider: Provider,
}

enum Provider {
    Hsm(pkcs11::Hsm),
    Memory(Zeroizing<[u8; 32]>),
}

/// Where a key-encryption key comes from.
#[derive(Clone, Debug)]
pub enum KekSource {
    /// An environment variable that holds what a key file would.
    Environment(String),
    /// A key file.
    File(PathBuf),
    /// A key that never leaves a hardware security module.
    Pkcs11(Pkcs11Key),
}

/// A key-encryption key that cannot be used, in one line that says what to do.
#[derive(Debug)]
pub struct KekError(String);

impl std::fmt::Display for KekError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KekError {}

impl std::fmt::Display for KekSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "key in ${name}"),
            Self::File(path) => write!(f, "key file {}", path.display()),
            Self::Pkcs11(key) => write!(f, "key {} of token {}", key.key, key.token),
        }
    }
}

impl std::fmt::Debug for Kek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kek")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Kek {
    /// Opens the key.
    ///
    /// # Errors
    /// When it is missing, cannot be read, or could be read by others.
    pub fn open(source: &KekSource) -> Result<Self, KekError> {
        let failed = |what: String| KekError(format!("{source}: {what}"));
        let (id, provider) = match source {
            KekSource::Environment(name) => file::from_environment(name)
                .map(|(id, key)| (id, Provider::Memory(key)))
                .map_err(failed)?,
            KekSource::File(path) => file::load(path)
                .map(|(id, key)| (id, Provider::Memory(key)))
                .map_err(failed)?,
            KekSource::Pkcs11(key) => pkcs11::Hsm::open(key)
                .map(|hsm| (hsm.id(), Provider::Hsm(hsm)))
                .map_err(failed)?,
        };
        Ok(Self { id, provider })
    }

    /// Makes the key where there is none: a file, mode 0600, or a key inside the module. One in the
    /// environment is the operator's to make.
    ///
    /// # Errors
    /// When it is there already or cannot be written, or the generator fails.
    pub fn create(source: &KekSource, rng: &dyn Rng) -> Result<Self, KekError> {
        let failed = |what: String| KekError(format!("{source}: {what}"));
        let (id, provider) = match source {
            KekSource::Environment(_) => {
                return Err(failed("is not set".to_owned()));
            }
            KekSource::File(path) => file::create(path, rng)
                .map(|(id, key)| (id, Provider::Memory(key)))
                .map_err(failed)?,
            KekSource::Pkcs11(key) => pkcs11::Hsm::create(key)
                .map(|hsm| (hsm.id(), Provider::Hsm(hsm)))
                .map_err(failed)?,
        };
        Ok(Self { id, provider })
    }

    /// Whether there is such a key.
    ///
    /// # Errors
    /// When the module cannot be asked.
    pub fn exists(source: &KekSource) -> Result<bool, KekError> {
        let failed = |what: String| KekError(format!("{source}: {what}"));
        match source {
            KekSource::Environment(name) => Ok(std::env::var_os(name).is_some()),
            KekSource::File(path) => Ok(path.exists()),
            KekSource::Pkcs11(key) => pkcs11::Hsm::exists(key).map_err(failed),
        }
    }

    /// Names the key: not a secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `AES-256-GCM(KEK, nonce, key, aad) || tag`
    pub(super) fn encrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        key: &[u8; 32],
    ) -> Result<Vec<u8>, KekError> {
        let failed = || KekError("wrapping failed".to_owned());
        match &self.provider {
            Provider::Hsm(hsm) => hsm.encrypt(nonce, aad, key).map_err(KekError),
            Provider::Memory(kek) => {
                // Wiped when dropped if sealing fails half-way.
                let mut sealed = Zeroizing::new(key.to_vec());
                cipher(kek)
                    .ok_or_else(failed)?
                    .seal_in_place_append_tag(Nonce::from(nonce), Aad::from(aad), &mut *sealed)
                    .map_err(|_| failed())?;
                Ok(sealed.to_vec())
            }
        }
    }

    /// The reverse of [`Kek::encrypt`]; `None` for whatever was not wrapped so.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<[u8; 32]>> {
        if sealed.len() != 32 + TAG_LEN {
            return None;
        }
        let opened = match &self.provider {
            Provider::Hsm(hsm) => hsm.decrypt(nonce, aad, sealed).ok()?,
            Provider::Memory(kek) => {
                let mut buffer = Zeroizing::new(sealed.to_vec());
                let length = cipher(kek)?
                    .open_in_place(Nonce::from(nonce), Aad::from(aad), &mut buffer)
                    .ok()?
                    .len();
                buffer.truncate(length);
                buffer
            }
        };
        <[u8; 32]>::try_from(opened.as_slice())
            .ok()
            .map(Zeroizing::new)
    }
}

// EXPOSE: to wrap and unwrap.
fn cipher(kek: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, kek)
        .map(LessSafeKey::new)
        .ok()
}
