//! A browser in which somebody has signed in.

use crate::{
    clock::Timestamp,
    identity::oauth::Handle,
    store::{
        Store, StoreError,
        login_sessions::{self, LoginSession},
        users::{self, User},
    },
};

/// How the ids of sessions begin.
pub const SESSION_PREFIX: &str = "lgn_";
/// Seconds without a request after which one has to sign in again (PCI DSS 4.0.1, 8.2.8).
const IDLE_S: i64 = 15 * 60;
/// Seconds after which one has to in any case.
const MOST_S: i64 = 12 * 60 * 60;

/// A session and whose it is.
pub struct BrowserSession {
    /// What the cookie holds.
    pub handle: Handle,
    /// Who.
    pub user: User,
    pub(in crate::identity) row: LoginSession,
}

impl BrowserSession {
    pub(in crate::identity) fn new(handle: Handle, user: User, now: Timestamp) -> Self {
        let row = LoginSession {
            id: handle.id.clone(),
            secret_digest: handle.digest,
            user_id: user.id.clone(),
            created_at: now,
            seen_at: now,
        };
        Self { handle, user, row }
    }

    /// The session that a cookie names, if it is not over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(
        store: &Store,
        cookie: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(handle) = Handle::parse(SESSION_PREFIX, cookie) else {
            return Ok(None);
        };
        let id = handle.id.clone();
        let found = store.read(move |connection| {
            let Some(row) = login_sessions::find(connection, &id)? else {
                return Ok(None);
            };
            let user = users::find(connection, &row.user_id)?;
            Ok(user.map(|user| (row, user)))
        });
        let is_live = |(row, user): &(LoginSession, User)| {
            handle.is(&row.secret_digest)
                && user.disabled_at.is_none()
                && now < row.seen_at.plus_seconds(IDLE_S)
                && now < row.created_at.plus_seconds(MOST_S)
        };
        let Some((row, user)) = found.await?.filter(is_live) else {
            return Ok(None);
        };
        // Each time: fifteen minutes are neither less nor more.
        let id = row.id.clone();
        let noted = store.write("seen", move |tx| login_sessions::seen(tx, &id, now));
        noted.await?;
        Ok(Some(Self { handle, user, row }))
    }

    /// Ends it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end(self, store: &Store) -> Result<(), StoreError> {
        let ended = store.write("sign_out", move |tx| {
            login_sessions::delete(tx, &self.row.id)
        });
        ended.await
    }
}
