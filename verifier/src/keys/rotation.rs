//! New keys for old: on a schedule for sealing keys, on an operator's word for the others.

use super::{Kek, KeyringError, Occasion, Purpose, keyring::make_row};
use crate::{
    clock::Timestamp,
    mode::Mode,
    rng::Rng,
    store::{
        Store, StoreError, Tx,
        audit::{self, AuditEntry},
        cards,
        key_state::KeyState,
        key_uses,
        keys::{self, KeyRow},
        operator_requests::{self, Before},
    },
};

/// Seconds for which a key that was put out of use is not destroyed: longer than a client token lives.
const FRESH_S: i64 = 60 * 60;

/// When keys change: sealing keys by their age in seconds, data encryption keys by their use.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long a key is sealed to.
    pub lifetime_s: u32,
    /// How long the next one is published before it is used.
    pub lead_s: u32,
    /// How long a retired one still opens; then it is destroyed.
    pub grace_s: u32,
    /// Values that one data encryption key encrypts at most.
    pub encryptions: u64,
}

/// Why a key was not changed, in one line that says what to do.
#[derive(Debug)]
pub enum RotationError {
    /// The idempotency key belongs to another request.
    Idempotency,
    /// Rows are still encrypted under it.
    InUse(u64),
    /// The keyring or the store failed.
    Keyring(KeyringError),
    /// There is no key of that id.
    NotFound,
    /// Nothing could be found again by what was digested under the former one.
    NotRotated(Purpose),
    /// The only active key of its kind: rotate first.
    OnlyOne,
    /// The next one waits to take its place already.
    Waiting,
    /// It was put out of use less than an hour ago.
    TooSoon,
    /// A key does not go from the one state to the other.
    Transition(KeyState, KeyState),
}

impl std::fmt::Display for RotationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Idempotency => f.write_str("the idempotency key belongs to another request"),
            Self::InUse(count) => write!(
                f,
                "{count} values are still encrypted under it: wait until the running verifier has moved them"
            ),
            Self::Keyring(error) => write!(f, "{error}"),
            Self::TooSoon => f.write_str(
                "it was put out of use less than an hour ago: something may still be under way with it",
            ),
            Self::Waiting => f.write_str("the next one waits to take its place already"),
            Self::NotFound => f.write_str("there is no key of that id"),
            Self::NotRotated(purpose) => {
                write!(
                    f,
                    "keys for {} are not rotated in this version",
                    purpose.as_str()
                )
            }
            Self::OnlyOne => f.write_str("it is the only active key of its kind: rotate first"),
            Self::Transition(from, to) => {
                write!(
                    f,
                    "a key that is {} does not become {}",
                    from.as_str(),
                    to.as_str()
                )
            }
        }
    }
}

impl std::error::Error for RotationError {}

impl From<KeyringError> for RotationError {
    fn from(error: KeyringError) -> Self {
        Self::Keyring(error)
    }
}

impl From<StoreError> for RotationError {
    fn from(error: StoreError) -> Self {
        Self::Keyring(error.into())
    }
}

/// Makes a key that takes the place of the active one: a sealing key after its lead, or `at_once`; a root
/// of fingerprints when the running verifier has given every card one; any other now. Once for each
/// idempotency key: asked again, it gives the key that was made.
///
/// # Errors
/// [`RotationError::Idempotency`], [`RotationError::NotRotated`], [`RotationError::Waiting`], or when the generator or the store fails.
pub async fn rotate(
    store: &Store,
    kek: &Kek,
    (purpose, mode): (Purpose, Mode),
    at_once: bool,
    rng: &dyn Rng,
    occasion: impl Into<Occasion>,
) -> Result<KeyRow, RotationError> {
    if purpose == Purpose::Pseudonym {
        return Err(RotationError::NotRotated(purpose));
    }
    let occasion = occasion.into();
    let mut row = make_row(kek, purpose, mode, 0, rng, occasion.at)?;
    row.state = KeyState::Pending;
    row.activated_at = None;
    let waits = match purpose {
        Purpose::Sealing => !at_once,
        // Until every card has a fingerprint under it.
        Purpose::FingerprintRoot => true,
        _ => false,
    };
    let kek_id = kek.id().to_owned();
    let stored = store.write("rotate_key", move |tx| {
        if !keys::is_wrapped_by(tx, &kek_id)? {
            return Ok(Err(KeyringError::NotOurs.into()));
        }
        if let Some(request) = &occasion.request {
            match operator_requests::before(tx, request)? {
                Before::Answered(id) => {
                    return Ok(keys::find(tx, &id)?.ok_or(RotationError::Idempotency));
                }
                Before::Conflict => return Ok(Err(RotationError::Idempotency)),
                Before::Never => {}
            }
        }
        let all = keys::list(tx)?;
        let of_kind = |other: &&KeyRow| is_of_kind(other, purpose, mode);
        let has_next = all
            .iter()
            .filter(of_kind)
            .any(|key| key.state == KeyState::Pending);
        if has_next && waits {
            return Ok(Err(RotationError::Waiting));
        }
        let last = all.iter().filter(of_kind).map(|key| key.version).max();
        row.version = last.unwrap_or(0) + 1;
        keys::insert(tx, &row)?;
        log(tx, "key.made", &row, &occasion)?;
        if !waits {
            activate(tx, &mut row, &all, &occasion)?;
        }
        if let Some(request) = &occasion.request {
            operator_requests::note(tx, request, &row.id, occasion.at)?;
        }
        Ok(Ok(row))
    });
    stored.await?
}

/// Retires, revokes or destroys a key. An active sealing key gets its successor first, so that there is no
/// moment without one.
///
/// # Errors
/// [`RotationError::InUse`] with the count for a key that rows still need, [`RotationError::OnlyOne`],
/// [`RotationError::TooSoon`], [`RotationError::Transition`], [`RotationError::NotFound`], or when the
/// store fails.
pub async fn change_state(
    store: &Store,
    kek: &Kek,
    id: &str,
    next: KeyState,
    rng: &dyn Rng,
    occasion: impl Into<Occasion>,
) -> Result<(), RotationError> {
    let occasion = occasion.into();
    let wanted = id.to_owned();
    let found = store.read(move |connection| keys::find(connection, &wanted));
    let row = found.await?.ok_or(RotationError::NotFound)?;
    // A key becomes active in another's place alone, never by itself.
    if next == KeyState::Active || !row.state.may_become(next) {
        return Err(RotationError::Transition(row.state, next));
    }
    let needs_successor = Purpose::parse(&row.purpose).is_none_or(Purpose::is_always_there);
    if row.state == KeyState::Active && needs_successor {
        if row.purpose != Purpose::Sealing.as_str() {
            return Err(RotationError::OnlyOne);
        }
        let kind = (Purpose::Sealing, row.mode);
        rotate(store, kek, kind, true, rng, occasion.clone()).await?;
        if next == KeyState::Retired {
            return Ok(());
        }
    }
    let id = id.to_owned();
    store
        .write("change_key", move |tx| {
            let Some(mut row) = keys::find(tx, &id)? else {
                return Ok(Err(RotationError::NotFound));
            };
            if !row.state.may_become(next) {
                return Ok(Err(RotationError::Transition(row.state, next)));
            }
            if next == KeyState::Destroyed {
                if is_fresh(&row, occasion.at) {
                    return Ok(Err(RotationError::TooSoon));
                }
                let uses = key_uses::count(tx, &row)?;
                if uses > 0 {
                    return Ok(Err(RotationError::InUse(uses)));
                }
            }
            set(tx, &mut row, next, &occasion).map(Ok)
        })
        .await?
}

/// Whether a key may be in use without a trace yet: by a verifier that has not read of the change, or by
/// a client token or an envelope that is under way. A revoked one is refused anyway, but for the keys
/// that rows are encrypted under.
fn is_fresh(row: &KeyRow, now: Timestamp) -> bool {
    let is_refused = row.state == KeyState::Revoked && row.purpose != Purpose::Dek.as_str();
    let until = row.retired_at.map(|at| at.plus_seconds(FRESH_S));
    !is_refused && until.is_some_and(|until| now < until)
}

pub(super) fn is_of_kind(key: &KeyRow, purpose: Purpose, mode: Mode) -> bool {
    key.purpose == purpose.as_str() && key.mode == mode
}

pub(super) async fn activate_pending(
    store: &Store,
    pending: &KeyRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = pending.id.clone();
    store
        .write("activate_key", move |tx| activate_if_pending(tx, &id, now))
        .await
}

/// As the key is now: another process may have revoked it since it was read.
fn activate_if_pending(tx: &Tx<'_>, id: &str, now: Timestamp) -> Result<(), StoreError> {
    let pending = keys::find(tx, id)?.filter(|key| key.state == KeyState::Pending);
    match pending {
        Some(mut row) => activate(tx, &mut row, &keys::list(tx)?, &now.into()),
        None => Ok(()),
    }
}

/// Lets these roots of fingerprints take the active ones' place. One under which a card has no fingerprint
/// stays pending: the card would not be found any more.
///
/// # Errors
/// When the store fails.
pub(crate) fn activate_fingerprint_roots(
    tx: &Tx<'_>,
    ids: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    for id in ids {
        let Some(row) = keys::find(tx, id)? else {
            continue;
        };
        if key_uses::count(tx, &row)? == cards::count(tx, row.mode)? {
            activate_if_pending(tx, id, now)?;
        } else {
            tracing::error!(event = "fingerprints_missing", key_id = id);
        }
    }
    Ok(())
}

/// Puts `row` in the place of the active key of its kind.
fn activate(
    tx: &Tx<'_>,
    row: &mut KeyRow,
    all: &[KeyRow],
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let former = all.iter().find(|key| {
        key.purpose == row.purpose && key.mode == row.mode && key.state == KeyState::Active
    });
    if let Some(former) = former {
        set(tx, &mut former.clone(), KeyState::Retired, occasion)?;
    }
    set(tx, row, KeyState::Active, occasion)
}

fn set(
    tx: &Tx<'_>,
    row: &mut KeyRow,
    next: KeyState,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    row.state = next;
    let action = match next {
        KeyState::Active => {
            row.activated_at = Some(occasion.at);
            "key.activated"
        }
        KeyState::Destroyed => {
            row.destroyed_at = Some(occasion.at);
            row.wrapped.clear();
            "key.destroyed"
        }
        KeyState::Pending => "key.made",
        KeyState::Retired => {
            row.retired_at = Some(occasion.at);
            "key.retired"
        }
        KeyState::Revoked => "key.revoked",
    };
    keys::update(tx, row)?;
    log(tx, action, row, occasion)
}

pub(super) fn log(
    tx: &Tx<'_>,
    action: &'static str,
    row: &KeyRow,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        action,
        reason: Purpose::parse(&row.purpose).map(Purpose::as_str),
        key_id: Some(row.id.clone()),
        operator_id: occasion.operator_id.clone(),
        request_id: occasion.request_id.clone(),
        ..AuditEntry::default()
    };
    audit::append(tx, &entry, occasion.at)
}
