//! A code becomes tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use zeroize::Zeroizing;

use super::{
    AuthorizationServer, Handle, OAuthFailure, Refusal, TokenAnswer,
    exchange::{Asking, Exchanged, Next},
    issue::invalid_grant,
    pkce,
};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    rng::Rng,
    store::{
        Store, StoreError, Tx,
        oauth_grants::{self, Code, Grant},
        public_clients::PublicClient,
        users,
    },
};

/// Seconds that a code is good for.
const CODE_S: i64 = 60;

/// What is given for tokens.
pub struct Redemption {
    /// The code.
    pub code: Zeroizing<String>,
    /// The verifier that the code's challenge was made of.
    pub verifier: Zeroizing<String>,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// Thumbprint of the key that the tokens will be bound to.
    pub jkt: String,
    /// The request.
    pub request_id: String,
}

impl AuthorizationServer {
    /// Redeems a program's code. A code that is used a second time takes all tokens of its grant back, and
    /// one that was given with something wrong is used up.
    ///
    /// # Errors
    /// [`super::OAuthError::InvalidGrant`].
    pub async fn redeem(
        &self,
        store: &Store,
        keyring: &Keyring,
        program: &PublicClient,
        given: Redemption,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<TokenAnswer, OAuthFailure> {
        let code = Handle::parse("cod_", &given.code);
        let code = code.ok_or_else(|| invalid_grant("code_malformed", &program.id))?;
        let asking = Asking {
            program,
            jkt: given.jkt.clone(),
            now,
        };
        let (client_id, kind) = (
            program.id.clone(),
            ("authorization_code", given.request_id.clone()),
        );
        self.exchange((store, keyring), asking, kind, rng, move |tx, next| {
            redeem(tx, &client_id, &code, &given, next, now)
        })
        .await
    }
}

fn redeem(
    tx: &Tx<'_>,
    client_id: &str,
    given: &Handle,
    redemption: &Redemption,
    next: &Next,
    now: Timestamp,
) -> Result<Result<Exchanged, Refusal>, StoreError> {
    let refused = |reason| invalid_grant(reason, client_id);
    let code = oauth_grants::find_code(tx, &given.id)?;
    let Some(code) = code.filter(|code| given.is(&code.secret_digest)) else {
        return Ok(Err(refused("code_unknown")));
    };
    let grant = oauth_grants::find(tx, &code.grant_id)?;
    let Some(mut grant) = grant else {
        return Ok(Err(refused("code_unknown")));
    };
    let user = users::find(tx, &grant.user_id)?;
    let user = user.filter(|user| user.disabled_at.is_none());
    let refused = |reason| refused(reason).for_user(&grant.user_id);
    if code.used_at.is_some() {
        next.revoke(tx, &grant)?;
        return Ok(Err(refused("code_reused")));
    }
    oauth_grants::use_code(tx, &code.id, now)?;
    let Some(user) = user else {
        return Ok(Err(refused("user_locked")));
    };
    if let Some(reason) = flaw(client_id, &code, &grant, redemption, now) {
        // Whoever holds it may not be whom it was sent to: nothing shall come of it.
        next.revoke(tx, &grant)?;
        return Ok(Err(refused(reason)));
    }
    oauth_grants::bind(tx, &grant.id, &redemption.jkt)?;
    next.keep(tx, &grant, &user)?;
    grant.dpop_jkt = Some(redemption.jkt.clone());
    let scope = grant.scopes.clone();
    Ok(Ok(Exchanged { grant, user, scope }))
}

fn flaw(
    client_id: &str,
    code: &Code,
    grant: &Grant,
    given: &Redemption,
    now: Timestamp,
) -> Option<&'static str> {
    let is_bound_elsewhere = grant.dpop_jkt.as_ref().is_some_and(|jkt| *jkt != given.jkt);
    if grant.client_id != client_id {
        Some("code_client")
    } else if grant.revoked_at.is_some() {
        Some("grant_revoked")
    } else if now >= code.created_at.plus_seconds(CODE_S) {
        Some("code_expired")
    } else if code.redirect_uri != given.redirect_uri {
        Some("code_redirect_uri")
    } else if !pkce::matches(&given.verifier, &code.challenge) {
        Some("code_verifier")
    } else if is_bound_elsewhere {
        Some("code_key")
    } else {
        None
    }
}
