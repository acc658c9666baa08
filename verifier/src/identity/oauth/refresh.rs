//! A refresh token becomes the next one, with an access token (RFC 6749 section 6, RFC 9700 section 4.14).

use zeroize::Zeroizing;

use super::{
    AuthorizationServer, Handle, OAuthError, OAuthFailure, Refusal, TokenAnswer,
    exchange::{Asking, Exchanged, Next},
    issue::invalid_grant,
    scope_request::requested,
};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    rng::Rng,
    store::{
        Store, StoreError, Tx,
        oauth_grants::{self, Grant, RefreshToken},
        public_clients::PublicClient,
        users,
    },
};

/// Seconds after which a token that was not used is not taken any more (PCI DSS 4.0.1, 8.2.8). No longer than
/// an access token lives, so that a program which is not used is one whose person has to consent again.
const IDLE_S: i64 = 15 * 60;
/// Seconds after which a person has to consent again.
const GRANT_S: i64 = 12 * 60 * 60;

/// What is given for the next token.
pub struct Renewal {
    /// The refresh token.
    pub token: Zeroizing<String>,
    /// Fewer scopes for this access token, if any are named.
    pub scope: Option<String>,
    /// Thumbprint of the key that its DPoP proof was signed with.
    pub jkt: String,
    /// The request.
    pub request_id: String,
}

impl AuthorizationServer {
    /// Puts the next refresh token in the place of a program's. One that was used before takes its whole
    /// family back: either its thief or its owner has used it, and nobody knows which.
    ///
    /// # Errors
    /// [`OAuthError::InvalidGrant`], [`OAuthError::InvalidScope`].
    pub async fn refresh(
        &self,
        store: &Store,
        keyring: &Keyring,
        program: &PublicClient,
        given: Renewal,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<TokenAnswer, OAuthFailure> {
        let token = Handle::parse("rft_", &given.token);
        let token = token.ok_or_else(|| invalid_grant("refresh_malformed", &program.id))?;
        let asking = Asking {
            program,
            jkt: given.jkt.clone(),
            now,
        };
        let (client_id, kind) = (
            program.id.clone(),
            ("refresh_token", given.request_id.clone()),
        );
        self.exchange((store, keyring), asking, kind, rng, move |tx, next| {
            rotate(tx, &client_id, &token, &given, next, now)
        })
        .await
    }
}

fn rotate(
    tx: &Tx<'_>,
    client_id: &str,
    given: &Handle,
    renewal: &Renewal,
    next: &Next,
    now: Timestamp,
) -> Result<Result<Exchanged, Refusal>, StoreError> {
    let refused = |reason| invalid_grant(reason, client_id);
    let token = oauth_grants::find_refresh(tx, &given.id)?;
    let Some(token) = token.filter(|token| given.is(&token.secret_digest)) else {
        return Ok(Err(refused("refresh_unknown")));
    };
    let Some(grant) = oauth_grants::find(tx, &token.grant_id)? else {
        return Ok(Err(refused("refresh_unknown")));
    };
    let refused = |reason| refused(reason).for_user(&grant.user_id);
    if token.used_at.is_some() {
        next.revoke(tx, &grant)?;
        return Ok(Err(refused("refresh_reused")));
    }
    if let Some(reason) = flaw(client_id, &token, &grant, &renewal.jkt, now) {
        return Ok(Err(refused(reason)));
    }
    let user = users::find(tx, &grant.user_id)?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
        return Ok(Err(refused("user_locked")));
    };
    let Ok(scope) = requested(renewal.scope.as_deref(), &grant.scopes) else {
        let refusal = Refusal::new(OAuthError::InvalidScope, "scope");
        return Ok(Err(refusal.of_client(client_id).for_user(&user.id)));
    };
    oauth_grants::use_refresh(tx, &token.id, now)?;
    next.keep(tx, &grant, &user)?;
    Ok(Ok(Exchanged { grant, user, scope }))
}

fn flaw(
    client_id: &str,
    token: &RefreshToken,
    grant: &Grant,
    jkt: &str,
    now: Timestamp,
) -> Option<&'static str> {
    if grant.client_id != client_id {
        Some("refresh_client")
    } else if grant.revoked_at.is_some() {
        Some("grant_revoked")
    } else if grant.dpop_jkt.as_deref() != Some(jkt) {
        Some("refresh_key")
    } else if now >= token.created_at.plus_seconds(IDLE_S)
        || now >= grant.created_at.plus_seconds(GRANT_S)
    {
        Some("refresh_expired")
    } else {
        None
    }
}
