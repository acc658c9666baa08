//! What a program gives, a code or a refresh token, becomes an access token and the next refresh token.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{
    AuthorizationServer, Confirmation, Handle, OAuthFailure, Refusal, TokenAnswer, issue::Holder,
};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    rng::Rng,
    store::{
        Store, StoreError, Tx,
        audit::{self, AuditEntry},
        oauth_grants::{self, Grant, RefreshToken},
        public_clients::PublicClient,
        users::User,
    },
};

/// For what the tokens are, once what was given for them is found to be good.
pub(super) struct Exchanged {
    pub(super) grant: Grant,
    pub(super) user: User,
    /// Of the access token.
    pub(super) scope: String,
}

/// The program that asks, and thumbprint of the key that its tokens are bound to.
pub(super) struct Asking<'a> {
    pub(super) program: &'a PublicClient,
    pub(super) jkt: String,
    pub(super) now: Timestamp,
}

/// The next refresh token on its way into the store.
pub(super) struct Next {
    handle: (String, [u8; 32]),
    made_by: &'static str,
    client_id: String,
    request_id: String,
    now: Timestamp,
    has_revoked: Arc<AtomicBool>,
}

impl AuthorizationServer {
    /// Has `check` look at what was given in exchange, in one transaction with what it changes, and keep the
    /// next refresh token; signs the access token. `made_by` is what the audit calls it.
    pub(super) async fn exchange<F>(
        &self,
        (store, keyring): (&Store, &Keyring),
        asking: Asking<'_>,
        (made_by, request_id): (&'static str, String),
        rng: &dyn Rng,
        check: F,
    ) -> Result<TokenAnswer, OAuthFailure>
    where
        F: FnOnce(&Tx<'_>, &Next) -> Result<Result<Exchanged, Refusal>, StoreError>
            + Send
            + 'static,
    {
        let Asking { program, jkt, now } = asking;
        let Handle { id, digest, text } = Handle::make("rft_", now, rng)?;
        let has_revoked = Arc::new(AtomicBool::new(false));
        let next = Next {
            has_revoked: Arc::clone(&has_revoked),
            handle: (id, digest),
            made_by,
            client_id: program.id.clone(),
            request_id,
            now,
        };
        let exchanged = store.write(made_by, move |tx| check(tx, &next));
        let Exchanged { grant, user, scope } = match exchanged.await? {
            Ok(exchanged) => exchanged,
            Err(refusal) => {
                if has_revoked.load(Ordering::Relaxed) {
                    self.forget_checked();
                }
                return Err(refusal.into());
            }
        };
        let holder = Holder {
            subject: &user.id,
            client_id: &program.id,
            merchant_id: user.merchant_id.as_deref(),
            grant: Some(&grant),
            credentials_generation: 0,
        };
        let confirmation = Confirmation {
            jkt: Some(jkt),
            certificate: None,
        };
        self.sign(
            keyring,
            &holder,
            (scope, confirmation),
            Some(text),
            now,
            rng,
        )
    }
}

impl Next {
    /// Takes a grant back, whose tokens are then looked up anew.
    pub(super) fn revoke(&self, tx: &Tx<'_>, grant: &Grant) -> Result<(), StoreError> {
        let is_new = oauth_grants::revoke(tx, &grant.id, self.now)?;
        self.has_revoked.fetch_or(is_new, Ordering::Relaxed);
        Ok(())
    }

    /// Keeps it for a person's grant, and says in the audit what it came of.
    pub(super) fn keep(&self, tx: &Tx<'_>, grant: &Grant, user: &User) -> Result<(), StoreError> {
        let (id, secret_digest) = self.handle.clone();
        let refresh = RefreshToken {
            id,
            secret_digest,
            grant_id: grant.id.clone(),
            created_at: self.now,
            used_at: None,
        };
        oauth_grants::insert_refresh(tx, &refresh)?;
        let entry = AuditEntry {
            action: "token.issued",
            reason: Some(self.made_by),
            merchant_id: user.merchant_id.clone(),
            client_id: Some(self.client_id.clone()),
            operator_id: Some(user.id.clone()),
            request_id: Some(self.request_id.clone()),
            ..AuditEntry::default()
        };
        audit::append(tx, &entry, self.now)
    }
}
