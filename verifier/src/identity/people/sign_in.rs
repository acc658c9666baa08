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
        sign_in_failures::{self, Address, Failures},
        users::{self, SecondFactor, User, seed_place},
    },
};

/// Failed attempts from one address after which the next ones have to wait.
const FREE_ATTEMPTS: u32 = 4;
/// Failed attempts from all addresses after which the next ones have to wait, wherever they come from: so many
/// that nobody who merely knows a name keeps its owner out in passing.
const FREE_ATTEMPTS_IN_ALL: u32 = 1000;
/// Seconds without a failure after which half of them count no more.
const HALF_LIFE_S: i64 = 60 * 60;
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
    /// Whose attempts are counted together.
    pub address: Address,
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
        let (name, address) = (given.name.clone(), given.address);
        let begun = store.write("begin_sign_in", move |tx| begin(tx, &name, &address, now));
        let (user, factor) = match begun.await? {
            Begun::Locked(user_id) => {
                // It takes as long as for anybody, so that time does not tell whose names there are.
                self.check_password(given.password, None).await?;
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
        let (row, proved) = (session.row.clone(), Proved { user, factor, step });
        let refused = |reason| SignInFailure::Refused(reason, Some(session.user.id.clone()));
        let entry = AuditEntry {
            action: "login.succeeded",
            merchant_id: session.user.merchant_id.clone(),
            operator_id: Some(session.user.id.clone()),
            request_id: Some(given.request_id),
            ..AuditEntry::default()
        };
        let done = store.write("sign_in", move |tx| {
            if let Some(reason) = proved.refused(tx)? {
                return Ok(Some(reason));
            }
            sign_in_failures::end(tx, &row.user_id, &address)?;
            login_sessions::insert(tx, &row)?;
            audit::append(tx, &entry, now)?;
            Ok(None)
        });
        match done.await? {
            None => Ok(session),
            Some(reason) => Err(refused(reason)),
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

/// What somebody was found to have, while it could change.
struct Proved {
    user: User,
    factor: SecondFactor,
    step: u64,
}

impl Proved {
    /// Why nobody is signed in with it after all: with what was taken from its owner nobody is. A seed that
    /// was only encrypted anew meanwhile is refused too, and taken the next time.
    fn refused(&self, tx: &Tx<'_>) -> Result<Option<&'static str>, StoreError> {
        let user = users::find(tx, &self.user.id)?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            return Ok(Some("user_locked"));
        };
        if user.password_hash != self.user.password_hash {
            return Ok(Some("password"));
        }
        let factor = users::second_factor(tx, &user.id)?;
        if factor.is_none_or(|factor| factor.seed_enc != self.factor.seed_enc) {
            return Ok(Some("second_factor"));
        }
        let is_new = users::take_step(tx, &user.id, self.step)?;
        Ok((!is_new).then_some("second_factor_reused"))
    }
}

fn begin(tx: &Tx<'_>, name: &str, address: &Address, now: Timestamp) -> Result<Begun, StoreError> {
    let Some(user) = users::find_by_name(tx, name)? else {
        return Ok(Begun::Open(Box::new((None, None))));
    };
    let here = sign_in_failures::of_address(tx, &user.id, address)?;
    let everywhere = sign_in_failures::in_all(tx, &user.id)?;
    if user.disabled_at.is_some() || is_locked(&here, now) || is_locked(&everywhere, now) {
        return Ok(Begun::Locked(user.id));
    }
    let here = one_more(here, FREE_ATTEMPTS, now);
    sign_in_failures::put(tx, &user.id, address, &here)?;
    let everywhere = one_more(everywhere, FREE_ATTEMPTS_IN_ALL, now);
    sign_in_failures::put_in_all(tx, &user.id, &everywhere)?;
    let factor = users::second_factor(tx, &user.id)?;
    Ok(Begun::Open(Box::new((Some(user), factor))))
}

fn is_locked(failures: &Failures, now: Timestamp) -> bool {
    failures.locked_until.is_some_and(|until| now < until)
}

fn one_more(before: Failures, free: u32, now: Timestamp) -> Failures {
    let count = remaining(&before, now).saturating_add(1);
    Failures {
        count,
        failed_at: Some(now),
        locked_until: locked_until(count, free, now),
    }
}

/// What still counts: half as many after each hour without one.
fn remaining(failures: &Failures, now: Timestamp) -> u32 {
    let passed_ms = failures
        .failed_at
        .map_or(0, |at| now.millis() - at.millis());
    let halvings = u32::try_from(passed_ms / (HALF_LIFE_S * 1000)).unwrap_or(0);
    failures.count.checked_shr(halvings).unwrap_or(0)
}

fn locked_until(failures: u32, free: u32, now: Timestamp) -> Option<Timestamp> {
    let doublings = failures.checked_sub(free + 1)?;
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
        let wait = |failures| {
            let until = locked_until(failures, FREE_ATTEMPTS, now);
            until.map(Timestamp::seconds)
        };
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

    #[test]
    fn failures_are_forgotten_by_halves() {
        let failures = Failures {
            count: 12,
            failed_at: Some(Timestamp::from_millis(0)),
            locked_until: None,
        };
        let after = |s: i64| remaining(&failures, Timestamp::from_millis(s * 1000));
        assert_eq!([0, 3599, 3600, 7200, 14_400].map(after), [12, 12, 6, 3, 0]);
        assert_eq!([-7200, 100_000_000].map(after), [12, 0]);
    }
}
