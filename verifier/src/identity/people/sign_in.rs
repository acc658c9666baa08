//! Signing in: name, password and code at once, so that nobody learns which of them was wrong.

use std::sync::Arc;

use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::{BrowserSession, password::is_password, totp};
use crate::{
    clock::Timestamp,
    identity::oauth::Handle,
    keys::Keyring,
    mode::Mode,
    rng::Rng,
    store::{
        Store, StoreError, Tx,
        audit::{self, AuditEntry},
        login_sessions,
        users::{self, SecondFactor, User, seed_place},
    },
};

/// Failed attempts after which the next ones have to wait.
const FREE_ATTEMPTS: u32 = 4;
/// Seconds that the first one has to wait; each further one twice as long as the one before.
const FIRST_WAIT_S: i64 = 30;
/// Seconds that one waits at most.
const MOST_WAIT_S: i64 = 60 * 60;
/// Passwords that are hashed at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 2;

/// What somebody gives to sign in.
pub struct SignIn {
    /// The name.
    pub name: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// The authenticator's code.
    pub code: Zeroizing<String>,
    /// The request.
    pub request_id: String,
}

/// Why somebody is not signed in.
#[derive(Debug)]
pub enum SignInFailure {
    /// For the audit: why, from a fixed list, and whose name it was, if it is anybody's.
    Refused(&'static str, Option<String>),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for SignInFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What all who sign in share.
pub struct SignIns {
    places: Arc<Semaphore>,
}

impl Default for SignIns {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl SignIns {
    /// Signs somebody in. An attempt counts as failed before its password is looked at, so that many at
    /// once have no more tries than one after the other.
    ///
    /// # Errors
    /// [`SignInFailure`].
    pub async fn sign_in(
        &self,
        store: &Store,
        keyring: &Keyring,
        given: SignIn,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<BrowserSession, SignInFailure> {
        let name = given.name.clone();
        let begun = store.write("begin_sign_in", move |tx| begin(tx, &name, now));
        let (user, factor) = match begun.await? {
            Begun::Locked(user_id) => {
                return Err(SignInFailure::Refused("user_locked", Some(user_id)));
            }
            Begun::Open(found) => *found,
        };
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let is_right = self.check_password(given.password, hash).await?;
        let Some(user) = user else {
            return Err(SignInFailure::Refused("user_unknown", None));
        };
        let refused = |reason| SignInFailure::Refused(reason, Some(user.id.clone()));
        if !is_right {
            return Err(refused("password"));
        }
        let factor = factor.ok_or_else(|| refused("second_factor"))?;
        let deks = &keyring.of(Mode::Live).deks;
        let seed = deks.decrypt(seed_place(&user.id), &factor.seed_enc)?;
        let step = totp::step_of(&seed, &given.code, now);
        let step = step.ok_or_else(|| refused("second_factor"))?;
        let handle = Handle::make(super::SESSION_PREFIX, now, rng);
        let handle = handle.map_err(StoreError::from)?;
        let session = BrowserSession::new(handle, user.clone(), now);
        let row = session.row.clone();
        let entry = AuditEntry {
            action: "login.succeeded",
            merchant_id: user.merchant_id.clone(),
            operator_id: Some(user.id.clone()),
            request_id: Some(given.request_id),
            ..AuditEntry::default()
        };
        let is_new = store.write("sign_in", move |tx| {
            if !users::take_step(tx, &row.user_id, step)? {
                return Ok(false);
            }
            users::set_failures(tx, &row.user_id, 0, None)?;
            login_sessions::insert(tx, &row)?;
            audit::append(tx, &entry, now)?;
            Ok(true)
        });
        match is_new.await? {
            true => Ok(session),
            false => Err(refused("second_factor_reused")),
        }
    }

    async fn check_password(
        &self,
        password: Zeroizing<String>,
        hash: Option<String>,
    ) -> Result<bool, StoreError> {
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|_| StoreError::Closed)?;
        let checked = tokio::task::spawn_blocking(move || is_password(&password, hash.as_deref()));
        checked
            .await
            .map_err(|_| StoreError::Panicked("password"))?
    }
}

enum Begun {
    Locked(String),
    Open(Box<(Option<User>, Option<SecondFactor>)>),
}

fn begin(tx: &Tx<'_>, name: &str, now: Timestamp) -> Result<Begun, StoreError> {
    let Some(user) = users::find_by_name(tx, name)? else {
        return Ok(Begun::Open(Box::new((None, None))));
    };
    if user.disabled_at.is_some() || user.locked_until.is_some_and(|until| now < until) {
        return Ok(Begun::Locked(user.id));
    }
    let failures = user.failures.saturating_add(1);
    users::set_failures(tx, &user.id, failures, locked_until(failures, now))?;
    let factor = users::second_factor(tx, &user.id)?;
    Ok(Begun::Open(Box::new((Some(user), factor))))
}

fn locked_until(failures: u32, now: Timestamp) -> Option<Timestamp> {
    let doublings = failures.checked_sub(FREE_ATTEMPTS + 1)?;
    let wait_s = FIRST_WAIT_S
        .checked_shl(doublings.min(16))
        .unwrap_or(MOST_WAIT_S);
    Some(now.plus_seconds(wait_s.min(MOST_WAIT_S)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_ends() {
        let now = Timestamp::from_millis(0);
        let wait = |failures| locked_until(failures, now).map(Timestamp::seconds);
        assert_eq!((wait(1), wait(4)), (None, None));
        let growing = [
            wait(5),
            wait(6),
            wait(7),
            wait(11),
            wait(12),
            wait(u32::MAX),
        ];
        assert_eq!(growing, [30, 60, 120, 1920, 3600, 3600].map(Some));
    }
}
