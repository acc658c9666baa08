//! All keys of both modes, unwrapped once at start.

use aws_lc_rs::hmac;
use waxseal_protocol::message::SealingJwks;
use zeroize::Zeroizing;

use super::{
    Kek, Purpose, SealingKeyPair,
    sealing::SealingState,
    wrap::{unwrap, wrap},
};
use crate::{
    clock::Timestamp,
    mode::Mode,
    rng::Rng,
    store::{
        Store, StoreError,
        crypter::{self, Deks},
        keys::KeyRow,
    },
};

/// The keys of both modes.
pub struct Keyring {
    live: ModeKeys,
    test: ModeKeys,
}

/// The keys of one mode.
pub struct ModeKeys {
    /// Id and key that sign and check client tokens (HMAC-SHA256).
    pub client_token: (String, Zeroizing<[u8; 32]>),
    /// Digests addresses and idempotency keys.
    pub pseudonym: hmac::Key,
    /// FF1's AES-256 key.
    pub ff1: Zeroizing<[u8; 32]>,
    /// Version and key of the root of the merchants' fingerprint keys.
    pub fingerprint_root: (u32, hmac::Key),
    /// Encrypt columns at rest.
    pub deks: Deks,
    sealing: Vec<SealingKeyPair>,
}

/// The keyring cannot be made or read, in one line.
#[derive(Debug)]
pub enum KeyringError {
    /// A stored key was not wrapped by this key file, or was changed.
    NotOurs,
    /// A key is missing.
    Missing(Purpose, Mode),
    /// The random number generator failed.
    Rng,
    /// The store failed.
    Store(StoreError),
}

impl std::fmt::Display for KeyringError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(purpose, mode) => {
                write!(f, "the store has no active {} key for {} mode", purpose.as_str(), mode.as_str())
            }
            Self::NotOurs => f.write_str(
                "the store's keys were not wrapped by this key file: use the one made with this database",
            ),
            Self::Rng => f.write_str("the random number generator failed"),
            Self::Store(error) => write!(f, "store: {error}"),
        }
    }
}

impl std::error::Error for KeyringError {}

impl From<StoreError> for KeyringError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
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
        let mut rows = Vec::new();
        for mode in Mode::ALL {
            for purpose in Purpose::ALL {
                let of_kind = |row: &&KeyRow| row.mode == mode && row.purpose == purpose.as_str();
                let kind = present.iter().filter(of_kind);
                if !kind.clone().any(|row| row.state == "active") {
                    let version = kind.map(|row| row.version).max().unwrap_or(0) + 1;
                    rows.push(make_row(kek, purpose, mode, version, rng, now)?);
                }
            }
        }
        store
            .write("create_keys", move |tx| {
                rows.iter()
                    .try_for_each(|row| crate::store::keys::insert(tx, row))
            })
            .await?;
        Ok(())
    }

    /// Reads and unwraps every stored key.
    ///
    /// # Errors
    /// When one is missing, or was not wrapped by `kek`.
    pub async fn load(store: &Store, kek: &Kek) -> Result<Self, KeyringError> {
        let rows = store.read(crate::store::keys::list).await?;
        Ok(Self {
            live: ModeKeys::load(kek, &rows, Mode::Live)?,
            test: ModeKeys::load(kek, &rows, Mode::Test)?,
        })
    }

    /// The keys of `mode`.
    pub const fn of(&self, mode: Mode) -> &ModeKeys {
        match mode {
            Mode::Live => &self.live,
            Mode::Test => &self.test,
        }
    }

    /// Every public key that may be sealed to.
    pub fn jwks(&self) -> SealingJwks {
        let usable = |pair: &&SealingKeyPair| pair.state() != SealingState::Revoked;
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
    fn load(kek: &Kek, rows: &[KeyRow], mode: Mode) -> Result<Self, KeyringError> {
        let mut sealing = Vec::new();
        let mut deks = Vec::new();
        let used = |row: &&KeyRow| {
            row.mode == mode && !matches!(row.state.as_str(), "destroyed" | "pending")
        };
        for row in rows.iter().filter(used) {
            match Purpose::parse(&row.purpose) {
                Some(Purpose::Sealing) => {
                    let state = SealingState::parse(&row.state).ok_or(KeyringError::NotOurs)?;
                    let pair = SealingKeyPair::new(
                        &*open(kek, row)?,
                        state,
                        row.created_at,
                        row.activated_at,
                        row.retired_at,
                    );
                    sealing.push(pair.map_err(|_| KeyringError::NotOurs)?);
                }
                Some(Purpose::Dek) => deks.push((row_key_id(row)?, open(kek, row)?)),
                _ => {}
            }
        }
        let active = |purpose| active(rows, purpose, mode);
        let root = active(Purpose::FingerprintRoot)?;
        let token_key = active(Purpose::ClientToken)?;
        active(Purpose::Sealing)?;
        Ok(Self {
            client_token: (token_key.id.clone(), open(kek, token_key)?),
            pseudonym: hmac_key(&*open(kek, active(Purpose::Pseudonym)?)?),
            ff1: open(kek, active(Purpose::Ff1)?)?,
            fingerprint_root: (root.version, hmac_key(&*open(kek, root)?)),
            deks: Deks::new(row_key_id(active(Purpose::Dek)?)?, deks)?,
            sealing,
        })
    }

    /// The key that new sessions seal to.
    pub fn active_sealing(&self) -> Option<&SealingKeyPair> {
        self.sealing
            .iter()
            .find(|pair| pair.state() == SealingState::Active)
    }

    /// The sealing key of that thumbprint, in whatever state.
    pub fn sealing(&self, kid: &str) -> Option<&SealingKeyPair> {
        self.sealing.iter().find(|pair| pair.kid() == kid)
    }
}

fn make_row(
    kek: &Kek,
    purpose: Purpose,
    mode: Mode,
    version: u32,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<KeyRow, KeyringError> {
    let failed = |_| KeyringError::Rng;
    let key = match purpose {
        Purpose::Sealing => SealingKeyPair::make_private(rng).map_err(failed)?,
        _ => Zeroizing::new(rng.array().map_err(failed)?),
    };
    let id = format!("{:016x}", u64::from_be_bytes(rng.array().map_err(failed)?));
    let wrapped = wrap(kek, &id, purpose, mode, &key, rng).map_err(failed)?;
    Ok(KeyRow {
        id,
        purpose: purpose.as_str().to_owned(),
        mode,
        version,
        state: "active".to_owned(),
        created_at: now,
        activated_at: Some(now),
        retired_at: None,
        wrapped,
    })
}

fn active(rows: &[KeyRow], purpose: Purpose, mode: Mode) -> Result<&KeyRow, KeyringError> {
    rows.iter()
        .find(|row| row.purpose == purpose.as_str() && row.mode == mode && row.state == "active")
        .ok_or(KeyringError::Missing(purpose, mode))
}

fn open(kek: &Kek, row: &KeyRow) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let purpose = Purpose::parse(&row.purpose).ok_or(KeyringError::NotOurs)?;
    unwrap(kek, &row.id, purpose, row.mode, &row.wrapped).map_err(|_| KeyringError::NotOurs)
}

fn row_key_id(row: &KeyRow) -> Result<crypter::KeyId, KeyringError> {
    u64::from_str_radix(&row.id, 16)
        .map(u64::to_be_bytes)
        .map_err(|_| KeyringError::NotOurs)
}

fn hmac_key(bytes: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}
