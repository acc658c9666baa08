//! All keys of both modes, unwrapped once at start.

use std::sync::Arc;

use aws_lc_rs::hmac;
use waxseal_protocol::message::SealingJwks;
use zeroize::Zeroizing;

use super::{
    Kek, KeyringError, Purpose, SealingKeyPair, TokenJwks, TokenKey,
    encryptions::EncryptionCounts,
    rotation::log,
    wrap::{unwrap, wrap},
};
use crate::{
    clock::Timestamp,
    mode::Mode,
    rng::Rng,
    store::{
        Store,
        crypter::{self, Deks},
        key_state::KeyState,
        keys::KeyRow,
    },
};

/// The keys of both modes.
pub struct Keyring {
    live: Arc<ModeKeys>,
    test: Arc<ModeKeys>,
}

/// The keys of one mode.
pub struct ModeKeys {
    /// Keys that check access tokens; the first one signs.
    access_tokens: Vec<TokenKey>,
    /// Keys that check roots over the audit; the first one signs.
    audit_roots: Vec<TokenKey>,
    /// Ids and keys that check client tokens (HMAC-SHA256); the first one signs.
    client_tokens: Vec<(String, Zeroizing<[u8; 32]>)>,
    /// Digests addresses and idempotency keys.
    pub pseudonym: hmac::Key,
    /// FF1's AES-256 key.
    pub ff1: Zeroizing<[u8; 32]>,
    /// Versions and keys of the roots of the merchants' fingerprint keys: the active one, then the one that
    /// will take its place, if there is one.
    fingerprint_roots: Vec<(u32, hmac::Key)>,
    /// Id of the second of these.
    pending_root_id: Option<String>,
    /// Encrypt columns at rest.
    pub deks: Deks,
    /// Encrypt CVCs that wait in Valkey: the active key, and retired ones for what was encrypted before.
    pub cvc: Deks,
    /// Keys that check models; the first one signs.
    models: Vec<TokenKey>,
    sealing: Vec<Arc<SealingKeyPair>>,
    /// What other vaults seal cards to.
    vault_import: Vec<Arc<SealingKeyPair>>,
}

impl Keyring {
    /// Makes an active key wherever there is none and stores it wrapped by `kek`.
    ///
    /// # Errors
    /// When the generator or the store fails.
    pub async fn create(
        store: &Store,
        kek: &Kek,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        let present = store.read(crate::store::keys::list).await?;
        // Another key-encryption key must not wrap beside the one that the others are wrapped by.
        for row in present
            .iter()
            .filter(|row| row.state != KeyState::Destroyed)
        {
            open(kek, row)?;
        }
        let mut rows = Vec::new();
        for mode in Mode::ALL {
            for purpose in Purpose::ALL
                .into_iter()
                .filter(|purpose| purpose.is_always_there() && purpose.is_of(mode))
            {
                let of_kind = |row: &&KeyRow| row.mode == mode && row.purpose == purpose.as_str();
                let kind = present.iter().filter(of_kind);
                if !kind.clone().any(|row| row.state == KeyState::Active) {
                    let version = kind.map(|row| row.version).max().unwrap_or(0) + 1;
                    rows.push(make_row(kek, purpose, mode, version, rng, now)?);
                }
            }
        }
        let kek_id = kek.id().to_owned();
        let is_ours = store.write("create_keys", move |tx| {
            if !crate::store::keys::is_wrapped_by(tx, &kek_id)? {
                return Ok(false);
            }
            for row in &rows {
                crate::store::keys::insert(tx, row)?;
                log(tx, "key.made", row, &now.into())?;
            }
            Ok(true)
        });
        if is_ours.await? {
            Ok(())
        } else {
            Err(KeyringError::NotOurs)
        }
    }

    /// Reads and unwraps every stored key.
    ///
    /// # Errors
    /// When one is missing, or was not wrapped by `kek`.
    pub async fn load(store: &Store, kek: &Kek) -> Result<Self, KeyringError> {
        Self::load_counting(store, kek, &EncryptionCounts::default()).await
    }

    /// Like [`Keyring::load`]; what is encrypted counts in `counts`.
    ///
    /// # Errors
    /// As [`Keyring::load`].
    pub(super) async fn load_counting(
        store: &Store,
        kek: &Kek,
        counts: &EncryptionCounts,
    ) -> Result<Self, KeyringError> {
        let rows = store.read(crate::store::keys::list).await?;
        Ok(Self {
            live: Arc::new(ModeKeys::load(kek, &rows, Mode::Live, counts)?),
            test: Arc::new(ModeKeys::load(kek, &rows, Mode::Test, counts)?),
        })
    }

    /// The keys of `mode`.
    pub const fn of(&self, mode: Mode) -> &Arc<ModeKeys> {
        match mode {
            Mode::Live => &self.live,
            Mode::Test => &self.test,
        }
    }

    /// Every public key that access tokens are checked with.
    pub fn token_jwks(&self) -> TokenJwks {
        let keys = self.live.access_tokens.iter();
        let keys = keys.chain(&self.test.access_tokens);
        TokenJwks {
            keys: keys.map(TokenKey::jwk).collect(),
        }
    }

    /// Whether rows may be encrypted under another key than the active one.
    pub fn has_retired_deks(&self) -> bool {
        self.live.deks.has_others() || self.test.deks.has_others()
    }

    /// Ids of the roots under which cards get a second fingerprint.
    pub fn pending_fingerprint_roots(&self) -> Vec<String> {
        let of_mode = |mode| self.of(mode).pending_root_id.clone();
        Mode::ALL.into_iter().filter_map(of_mode).collect()
    }

    /// Every public key that may be sealed to.
    pub fn jwks(&self) -> SealingJwks {
        let usable = |pair: &&Arc<SealingKeyPair>| pair.state() != KeyState::Revoked;
        let pairs = self
            .live
            .sealing
            .iter()
            .chain(&self.test.sealing)
            .filter(usable);
        SealingJwks {
            keys: pairs.map(|pair| pair.jwk().clone()).collect(),
        }
    }
}

impl ModeKeys {
    fn load(
        kek: &Kek,
        rows: &[KeyRow],
        mode: Mode,
        counts: &EncryptionCounts,
    ) -> Result<Self, KeyringError> {
        let mut sealing = Vec::new();
        let mut vault_import = Vec::new();
        let mut deks = Vec::new();
        let mut cvc = Vec::new();
        let mut client_tokens = Vec::new();
        let mut access_tokens = Vec::new();
        let mut audit_roots = Vec::new();
        let mut models = Vec::new();
        let kept = |row: &&KeyRow| row.mode == mode && row.state != KeyState::Destroyed;
        for row in rows.iter().filter(kept) {
            match (Purpose::parse(&row.purpose), row.state) {
                (Some(Purpose::Sealing), _) => sealing.push(key_pair(kek, row)?),
                (Some(Purpose::VaultImport), _) => vault_import.push(key_pair(kek, row)?),
                (Some(Purpose::Cvc), KeyState::Active | KeyState::Retired) => {
                    cvc.push((row_key_id(row)?, open(kek, row)?));
                }
                (Some(Purpose::Dek), _) => deks.push((row_key_id(row)?, open(kek, row)?)),
                (Some(Purpose::AccessToken), KeyState::Active) => {
                    access_tokens.insert(0, token_key(kek, row)?);
                }
                (Some(Purpose::AccessToken), KeyState::Retired) => {
                    access_tokens.push(token_key(kek, row)?);
                }
                (Some(Purpose::AuditRoot), KeyState::Active) => {
                    audit_roots.insert(0, token_key(kek, row)?);
                }
                (Some(Purpose::AuditRoot), KeyState::Retired) => {
                    audit_roots.push(token_key(kek, row)?);
                }
                (Some(Purpose::Model), KeyState::Active) => models.insert(0, token_key(kek, row)?),
                (Some(Purpose::Model), KeyState::Retired) => models.push(token_key(kek, row)?),
                (Some(Purpose::ClientToken), KeyState::Active) => {
                    client_tokens.insert(0, (row.id.clone(), open(kek, row)?));
                }
                (Some(Purpose::ClientToken), KeyState::Retired) => {
                    client_tokens.push((row.id.clone(), open(kek, row)?));
                }
                _ => {}
            }
        }
        let active = |purpose| active(rows, purpose, mode);
        let is_pending_root = |row: &&KeyRow| {
            row.purpose == Purpose::FingerprintRoot.as_str()
                && row.mode == mode
                && row.state == KeyState::Pending
        };
        let pending_root_id = rows.iter().find(is_pending_root).map(|row| row.id.clone());
        let fingerprint_roots = std::iter::once(active(Purpose::FingerprintRoot)?)
            .chain(rows.iter().filter(is_pending_root))
            .map(|row| Ok((row.version, hmac_key(&*open(kek, row)?))))
            .collect::<Result<Vec<_>, KeyringError>>()?;
        active(Purpose::AccessToken)?;
        active(Purpose::ClientToken)?;
        let cvc_id = row_key_id(active(Purpose::Cvc)?)?;
        let dek = row_key_id(active(Purpose::Dek)?)?;
        Ok(Self {
            access_tokens,
            audit_roots,
            client_tokens,
            pseudonym: hmac_key(&*open(kek, active(Purpose::Pseudonym)?)?),
            ff1: open(kek, active(Purpose::Ff1)?)?,
            fingerprint_roots,
            pending_root_id,
            cvc: Deks::new(cvc_id, counts.of(cvc_id), cvc)?,
            deks: Deks::new(dek, counts.of(dek), deks)?,
            models,
            sealing,
            vault_import,
        })
    }

    /// Every root that a card needs a fingerprint under, the active one first.
    pub fn fingerprint_roots(&self) -> &[(u32, hmac::Key)] {
        &self.fingerprint_roots
    }

    /// The newest version of these.
    pub fn newest_fingerprint_root(&self) -> u32 {
        let versions = self.fingerprint_roots.iter().map(|(version, _)| *version);
        versions.max().unwrap_or(0)
    }

    /// The root that cards are found by.
    pub fn fingerprint_root(&self) -> &(u32, hmac::Key) {
        // Loading put it there.
        &self.fingerprint_roots[0]
    }

    /// The root that cards will be found by.
    pub fn pending_fingerprint_root(&self) -> Option<&(u32, hmac::Key)> {
        self.fingerprint_roots.get(1)
    }

    /// The key that signs access tokens.
    pub fn access_token_key(&self) -> &TokenKey {
        // Loading put it there.
        &self.access_tokens[0]
    }

    /// The keys of roots over the audit, the one that signs first. Of the test mode there are none.
    pub fn audit_root_keys(&self) -> &[TokenKey] {
        &self.audit_roots
    }

    /// The keys of models, the one that signs first. Of the test mode there are none.
    pub fn model_keys(&self) -> &[TokenKey] {
        &self.models
    }

    /// The key of that id, if it may still check access tokens.
    pub fn access_token_key_of(&self, id: &str) -> Option<&TokenKey> {
        self.access_tokens.iter().find(|key| key.kid() == id)
    }

    /// Id and key that sign client tokens.
    pub fn signing_key(&self) -> Option<(&str, &[u8; 32])> {
        // EXPOSE: to sign with.
        self.client_tokens.first().map(|(id, key)| (&**id, &**key))
    }

    /// The key of that id, if it may still check client tokens.
    pub fn verification_key(&self, id: &str) -> Option<&[u8; 32]> {
        // EXPOSE: to check signatures with.
        let found = self.client_tokens.iter().find(|(other, _)| other == id);
        found.map(|(_, key)| &**key)
    }

    /// The key that new sessions seal to.
    pub fn active_sealing(&self) -> Option<&Arc<SealingKeyPair>> {
        self.sealing
            .iter()
            .find(|pair| pair.state() == KeyState::Active)
    }

    /// The sealing key of that thumbprint, in whatever state.
    pub fn sealing(&self, kid: &str) -> Option<&Arc<SealingKeyPair>> {
        self.sealing.iter().find(|pair| pair.kid() == kid)
    }

    /// The key that other vaults are told to seal cards to, if one was made.
    pub fn active_vault_import(&self) -> Option<&Arc<SealingKeyPair>> {
        self.vault_import
            .iter()
            .find(|pair| pair.state() == KeyState::Active)
    }

    /// The vault key of that thumbprint, unless it was revoked. A retired one opens what is under way for
    /// as long as it is kept.
    pub fn vault_import(&self, kid: &str) -> Option<&Arc<SealingKeyPair>> {
        let opens = |pair: &&Arc<SealingKeyPair>| {
            matches!(pair.state(), KeyState::Active | KeyState::Retired) && pair.kid() == kid
        };
        self.vault_import.iter().find(opens)
    }
}

pub(super) fn make_row(
    kek: &Kek,
    purpose: Purpose,
    mode: Mode,
    version: u32,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<KeyRow, KeyringError> {
    let failed = |_| KeyringError::Rng;
    let key = match purpose {
        Purpose::AccessToken
        | Purpose::AuditRoot
        | Purpose::Model
        | Purpose::Sealing
        | Purpose::VaultImport => SealingKeyPair::make_private(rng).map_err(failed)?,
        _ => Zeroizing::new(rng.array().map_err(failed)?),
    };
    let id = crypter::key_id_text(rng.array().map_err(failed)?);
    let wrapped = wrap(kek, &id, purpose, mode, &key, rng)?;
    Ok(KeyRow {
        id,
        purpose: purpose.as_str().to_owned(),
        mode,
        version,
        state: KeyState::Active,
        created_at: now,
        activated_at: Some(now),
        retired_at: None,
        destroyed_at: None,
        wrapped,
    })
}

fn active(rows: &[KeyRow], purpose: Purpose, mode: Mode) -> Result<&KeyRow, KeyringError> {
    rows.iter()
        .find(|row| {
            row.purpose == purpose.as_str() && row.mode == mode && row.state == KeyState::Active
        })
        .ok_or(KeyringError::Missing(purpose, mode))
}

pub(super) fn open(kek: &Kek, row: &KeyRow) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let purpose = Purpose::parse(&row.purpose).ok_or(KeyringError::NotOurs)?;
    unwrap(kek, &row.id, purpose, row.mode, &row.wrapped).map_err(|_| KeyringError::NotOurs)
}

fn key_pair(kek: &Kek, row: &KeyRow) -> Result<Arc<SealingKeyPair>, KeyringError> {
    let (state, created_at) = (row.state, row.created_at);
    let (activated_at, retired_at) = (row.activated_at, row.retired_at);
    let private = open(kek, row)?;
    SealingKeyPair::new(&private, state, created_at, activated_at, retired_at)
        .map(Arc::new)
        .map_err(|_| KeyringError::NotOurs)
}

fn token_key(kek: &Kek, row: &KeyRow) -> Result<TokenKey, KeyringError> {
    TokenKey::new(&row.id, &*open(kek, row)?).map_err(|_| KeyringError::NotOurs)
}

fn row_key_id(row: &KeyRow) -> Result<crypter::KeyId, KeyringError> {
    crypter::parse_key_id(&row.id).map_err(|_| KeyringError::NotOurs)
}

fn hmac_key(bytes: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}
