//! A key-encryption key inside a hardware security module, over PKCS#11 2.40: it is made there and
//! cannot be read out.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{Mechanism, aead::GcmParams},
    object::{Attribute, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    types::AuthPin,
};
use zeroize::Zeroizing;

use super::file::read_private;
use crate::lengths::{NONCE_LEN, TAG_LEN};

/// Which key, of which token, of which module.
#[derive(Clone, Debug)]
pub struct Pkcs11Key {
    /// The module's shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The key's label.
    pub key: String,
    /// A file with the user's PIN, readable by its owner alone.
    pub pin_file: PathBuf,
}

/// A session with the module, and the key in it.
pub(super) struct Hsm {
    label: String,
    /// A session does one thing at a time.
    session: Mutex<Session>,
    handle: ObjectHandle,
}

impl Hsm {
    pub(super) fn open(key: &Pkcs11Key) -> Result<Self, String> {
        let session = log_in(key)?;
        match find(&session, key)?.as_slice() {
            [handle] => Ok(Self::new(key, session, *handle)),
            [] => Err("there is no such key: make it with `verifier init`".to_owned()),
            _ => Err("the token has several keys of that label".to_owned()),
        }
    }

    pub(super) fn exists(key: &Pkcs11Key) -> Result<bool, String> {
        Ok(!find(&log_in(key)?, key)?.is_empty())
    }

    pub(super) fn create(key: &Pkcs11Key) -> Result<Self, String> {
        let session = log_in(key)?;
        if !find(&session, key)?.is_empty() {
            return Err("there is such a key already".to_owned());
        }
        let template = [
            Attribute::Label(key.key.clone().into_bytes()),
            Attribute::ValueLen(32.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        let handle = session
            .generate_key(&Mechanism::AesKeyGen, &template)
            .map_err(|error| said(&error))?;
        Ok(Self::new(key, session, handle))
    }

    fn new(key: &Pkcs11Key, session: Session, handle: ObjectHandle) -> Self {
        Self {
            label: key.key.clone(),
            session: Mutex::new(session),
            handle,
        }
    }

    pub(super) fn id(&self) -> String {
        format!("pkcs11:{}", self.label)
    }

    pub(super) fn encrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        key: &[u8; 32],
    ) -> Result<Vec<u8>, String> {
        let mut nonce = *nonce;
        let mechanism = gcm(&mut nonce, aad)?;
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session
            .encrypt(&mechanism, self.handle, key)
            .map_err(|error| said(&error))
    }

    pub(super) fn decrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let mut nonce = *nonce;
        let mechanism = gcm(&mut nonce, aad)?;
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session
            .decrypt(&mechanism, self.handle, sealed)
            .map(Zeroizing::new)
            .map_err(|error| said(&error))
    }
}

fn gcm<'m>(nonce: &'m mut [u8; NONCE_LEN], aad: &'m [u8]) -> Result<Mechanism<'m>, String> {
    let tag_bits = (TAG_LEN * 8)
        .try_into()
        .map_err(|_| "no tag of that size")?;
    let parameters = GcmParams::new(nonce, aad, tag_bits).map_err(|error| said(&error))?;
    Ok(Mechanism::AesGcm(parameters))
}

fn log_in(key: &Pkcs11Key) -> Result<Session, String> {
    let pin = pin(&key.pin_file)?;
    let module = Pkcs11::new(&key.module).map_err(|error| said(&error))?;
    let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    match module.initialize(arguments) {
        // Another session of this process has done so.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(said(&error)),
    }
    let slots = module
        .get_slots_with_token()
        .map_err(|error| said(&error))?;
    let is_ours = |slot: &cryptoki::slot::Slot| {
        let info = module.get_token_info(*slot);
        info.is_ok_and(|info| info.label() == key.token)
    };
    let slot = slots.into_iter().find(is_ours);
    let slot = slot.ok_or("the module has no token of that label")?;
    let session = module.open_rw_session(slot).map_err(|error| said(&error))?;
    match session.login(UserType::User, Some(&pin)) {
        // A login counts for all sessions of a process.
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(error) => Err(said(&error)),
    }
}

fn pin(path: &Path) -> Result<AuthPin, String> {
    let text =
        read_private(path).map_err(|error| format!("PIN file {}: {error}", path.display()))?;
    let pin =
        str::from_utf8(&text).map_err(|_| format!("PIN file {}: not text", path.display()))?;
    Ok(AuthPin::new(pin.trim_end().to_owned().into()))
}

fn find(session: &Session, key: &Pkcs11Key) -> Result<Vec<ObjectHandle>, String> {
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Label(key.key.clone().into_bytes()),
    ];
    session
        .find_objects(&template)
        .map_err(|error| said(&error))
}

/// The library's text, which names the function and the module's return value, in one line.
fn said(error: &Error) -> String {
    error.to_string().replace('\n', " ")
}
