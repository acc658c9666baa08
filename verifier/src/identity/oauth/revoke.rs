//! Takes tokens back (RFC 7009).

use super::{AccessToken, AuthorizationServer, Handle};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    store::{
        Store, StoreError, Tx,
        audit::{self, AuditEntry},
        oauth_grants,
    },
};

impl AuthorizationServer {
    /// Revokes a refresh token with its whole family, or an access token by itself, if it is the client's.
    /// What is none, or not its, is passed over (section 2.2).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke(
        &self,
        store: &Store,
        keyring: &Keyring,
        client_id: String,
        token: &str,
        request_id: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry {
            action: "token.revoked",
            client_id: Some(client_id.clone()),
            request_id: Some(request_id),
            ..AuditEntry::default()
        };
        let has_revoked = if let Some(given) = Handle::parse("rft_", token) {
            let revoked = store.write("revoke_grant", move |tx| {
                revoke_family(tx, &client_id, &given, entry, now)
            });
            revoked.await?
        } else if let Ok(token) = AccessToken::verify(token, keyring, &self.issuer, now)
            && token.client_id == client_id
        {
            let revoked = store.write("revoke_token", move |tx| {
                oauth_grants::revoke_token(tx, &token.jti)?;
                let entry = AuditEntry {
                    reason: Some("access_token"),
                    merchant_id: token.merchant_id,
                    ..entry
                };
                audit::append(tx, &entry, now)
            });
            revoked.await?;
            true
        } else {
            false
        };
        // Anybody may ask: what others have checked is not looked up anew for nothing.
        if has_revoked {
            self.forget_checked();
        }
        Ok(())
    }
}

fn revoke_family(
    tx: &Tx<'_>,
    client_id: &str,
    given: &Handle,
    entry: AuditEntry,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let token = oauth_grants::find_refresh(tx, &given.id)?;
    let Some(token) = token.filter(|token| given.is(&token.secret_digest)) else {
        return Ok(false);
    };
    let grant = oauth_grants::find(tx, &token.grant_id)?;
    let Some(grant) = grant.filter(|grant| grant.client_id == client_id) else {
        return Ok(false);
    };
    let is_new = oauth_grants::revoke(tx, &grant.id, now)?;
    let entry = AuditEntry {
        reason: Some("refresh_token"),
        operator_id: Some(grant.user_id),
        ..entry
    };
    audit::append(tx, &entry, now)?;
    Ok(is_new)
}
