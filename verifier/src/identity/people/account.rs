//! What whoever runs the verifier does to somebody's account.

use zeroize::Zeroizing;

use super::{PasswordError, hash_password, make_factor};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    rng::Rng,
    store::{
        Store, StoreError, Tx,
        audit::{self, AuditEntry},
        login_sessions, oauth_grants,
        users::{self, User},
    },
};

/// Lets somebody in no more, and takes back whatever they granted.
///
/// # Errors
/// When the store fails.
pub async fn lock(store: &Store, user: &User, now: Timestamp) -> Result<(), StoreError> {
    let (id, entry) = (user.id.clone(), entry("user.locked", user));
    let locked = store.write("lock_user", move |tx| {
        users::set_disabled(tx, &id, Some(now))?;
        sign_out(tx, &id, now)?;
        audit::append(tx, &entry, now)
    });
    locked.await
}

/// Lets somebody in again, whatever kept them out.
///
/// # Errors
/// When the store fails.
pub async fn unlock(store: &Store, user: &User, now: Timestamp) -> Result<(), StoreError> {
    let (id, entry) = (user.id.clone(), entry("user.unlocked", user));
    let unlocked = store.write("unlock_user", move |tx| {
        users::set_disabled(tx, &id, None)?;
        audit::append(tx, &entry, now)
    });
    unlocked.await
}

/// Gives somebody another password; whoever signed in with the former one is signed in no more.
///
/// # Errors
/// [`PasswordNotChanged`].
pub async fn change_password(
    store: &Store,
    user: &User,
    password: &str,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(), PasswordNotChanged> {
    let hash = hash_password(password, &user.name, rng).map_err(PasswordNotChanged::Password)?;
    let (id, entry) = (user.id.clone(), entry("user.password_changed", user));
    let changed = store.write("change_password", move |tx| {
        users::set_password(tx, &id, &hash)?;
        sign_out(tx, &id, now)?;
        audit::append(tx, &entry, now)
    });
    changed.await.map_err(PasswordNotChanged::Store)
}

/// Gives somebody another second factor, in the place of the former one: `otpauth://…`, shown once.
///
/// # Errors
/// When the store or the generator fails.
pub async fn change_second_factor(
    store: &Store,
    user: &User,
    keyring: &Keyring,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Zeroizing<String>, StoreError> {
    let new = make_factor(&user.id, &user.name, keyring, now, rng)?;
    let (id, factor) = (user.id.clone(), new.factor);
    let entry = entry("user.second_factor_changed", user);
    let changed = store.write("change_second_factor", move |tx| {
        users::put_second_factor(tx, &factor)?;
        sign_out(tx, &id, now)?;
        audit::append(tx, &entry, now)
    });
    changed.await?;
    Ok(new.uri)
}

/// Why somebody has the password that they had.
#[derive(Debug)]
pub enum PasswordNotChanged {
    /// The other one is not taken.
    Password(PasswordError),
    /// The store failed.
    Store(StoreError),
}

impl std::fmt::Display for PasswordNotChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Password(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PasswordNotChanged {}

/// Nothing that somebody began before goes on.
pub(super) fn sign_out(tx: &Tx<'_>, user_id: &str, now: Timestamp) -> Result<(), StoreError> {
    login_sessions::delete_of_user(tx, user_id)?;
    oauth_grants::revoke_of_user(tx, user_id, now)
}

pub(super) fn entry(action: &'static str, user: &User) -> AuditEntry {
    AuditEntry {
        action,
        merchant_id: user.merchant_id.clone(),
        operator_id: Some(user.id.clone()),
        ..AuditEntry::default()
    }
}
