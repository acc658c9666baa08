//! Whether a request's access token is good for it, and whom it makes the caller.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    AccessToken, AuthorizationServer, Proof, ProofOf,
    access_token::mode_of,
    scope_request::in_both,
    token_cache::{Checked, FRESH_S},
};
use crate::{
    clock::Timestamp,
    identity::{Caller, Operator, Scopes},
    keys::SharedKeyring,
    store::{
        Connection, Store, StoreError, Touches, clients, oauth_grants, public_clients, used_proofs,
        users,
    },
};

/// How a token is presented.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// RFC 6750.
    Bearer,
    /// RFC 9449.
    Dpop,
}

/// A request with a token.
#[derive(Clone, Copy)]
pub struct Presented<'r> {
    /// How it is presented.
    pub scheme: Scheme,
    /// The token.
    pub token: &'r str,
    /// The one `DPoP` header, if there is one.
    pub proof: Option<&'r str>,
    /// The request's method.
    pub method: &'r str,
    /// The request's path, as it was sent.
    pub path: &'r str,
    /// SHA-256 of the certificate that the connection was made with.
    pub certificate: Option<&'r [u8; 32]>,
}

/// Whom a token makes the caller.
#[derive(Clone, Debug)]
pub enum Granted {
    /// An operator.
    Operator(Operator),
    /// A merchant's server, or somebody who acts for the merchant.
    Server(Caller),
}

/// Why a token is refused.
#[derive(Debug)]
pub enum TokenRefused {
    /// It is not good, or not for this request; why, from a fixed list.
    Invalid(&'static str),
    /// The proof that comes with it is not good; why, from a fixed list.
    Proof(&'static str),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for TokenRefused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl AuthorizationServer {
    /// Checks a request's token. One that was checked within the last seconds is not looked up again, but
    /// for what has to come with it.
    ///
    /// # Errors
    /// [`TokenRefused`].
    pub async fn check(
        &self,
        store: &Store,
        keys: &SharedKeyring,
        presented: Presented<'_>,
        now: Timestamp,
    ) -> Result<Granted, TokenRefused> {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, presented.token.as_bytes()).as_ref());
        let remembered = self.checked.find(&key);
        let checked = match remembered.filter(|checked| is_fresh(checked, keys, now)) {
            Some(checked) => checked,
            None => {
                let since = self.checked.cleared();
                let checked = Arc::new(self.look_up(store, keys, presented.token, now).await?);
                self.checked.insert(key, Arc::clone(&checked), since);
                checked
            }
        };
        self.confirm(store, &checked.token, presented, now).await?;
        Ok(checked.granted.clone())
    }

    async fn look_up(
        &self,
        store: &Store,
        keys: &SharedKeyring,
        token: &str,
        now: Timestamp,
    ) -> Result<Checked, TokenRefused> {
        // Before the keys are taken, so that they are never older than it says.
        let mut keys_revision = keys.revision();
        let mut keyring = keys.current();
        let named = AccessToken::key_id(token);
        let is_known = named.is_some_and(|id| {
            let of_mode = |mode| keyring.of(mode).access_token_key_of(&id).is_some();
            crate::mode::Mode::ALL.into_iter().any(of_mode)
        });
        // Another verifier may have signed it under a key that it made a moment ago.
        if !is_known && keys.refresh(store).await.unwrap_or(false) {
            keys_revision = keys.revision();
            keyring = keys.current();
        }
        let token = AccessToken::verify(token, &keyring, &self.issuer, now)
            .map_err(TokenRefused::Invalid)?;
        let of = token.clone();
        let granted = store.read(move |connection| granted(connection, &of));
        let granted = granted.await?.map_err(TokenRefused::Invalid)?;
        Ok(Checked {
            token,
            granted,
            at: now,
            keys_revision,
        })
    }

    /// Whether what the token is bound to has come with it.
    async fn confirm(
        &self,
        store: &Store,
        token: &AccessToken,
        presented: Presented<'_>,
        now: Timestamp,
    ) -> Result<(), TokenRefused> {
        if let Some(wanted) = &token.confirmation.certificate {
            let given = presented
                .certificate
                .map(|sha256| URL_SAFE_NO_PAD.encode(sha256));
            if given.as_ref() != Some(wanted) {
                return Err(TokenRefused::Invalid("token_certificate"));
            }
        }
        match (&token.confirmation.jkt, presented.scheme) {
            (None, Scheme::Bearer) => Ok(()),
            // A token that is bound to a key is no bearer token (RFC 9449 section 7.2), nor the reverse.
            (Some(_), Scheme::Bearer) | (None, Scheme::Dpop) => {
                Err(TokenRefused::Invalid("token_scheme"))
            }
            (Some(jkt), Scheme::Dpop) => {
                let proof = presented.proof.ok_or(TokenRefused::Proof("dpop_missing"))?;
                let of = ProofOf {
                    method: presented.method,
                    path: presented.path,
                    origins: &self.origins,
                    token: Some(presented.token),
                };
                let proof = Proof::verify(proof, of, now);
                let proof = proof.map_err(|error| TokenRefused::Proof(error.0))?;
                if proof.jkt != *jkt {
                    return Err(TokenRefused::Proof("dpop_key"));
                }
                match proof.consume(store).await? {
                    true => Ok(()),
                    false => Err(TokenRefused::Proof("dpop_replayed")),
                }
            }
        }
    }
}

impl Proof {
    /// Marks the proof as used. `false`: it was used before.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn consume(&self, store: &Store) -> Result<bool, StoreError> {
        let (until_s, digest) = (self.until_s, self.digest);
        let touches = Touches::default().and("used_proof", &digest);
        store
            .write_grouped("use_proof", touches, move |tx| {
                used_proofs::consume(tx, until_s, &digest)
            })
            .await
    }
}

fn is_fresh(checked: &Checked, keys: &SharedKeyring, now: Timestamp) -> bool {
    checked.keys_revision == keys.revision()
        && now >= checked.at
        && now < checked.at.plus_seconds(FRESH_S)
        && now.seconds() < checked.token.expires_s
}

/// The caller as the store knows it now: nothing that was revoked, and no scope that was taken away.
fn granted(
    connection: &Connection,
    token: &AccessToken,
) -> Result<Result<Granted, &'static str>, StoreError> {
    if oauth_grants::is_token_revoked(connection, &token.jti)? {
        return Ok(Err("token_revoked"));
    }
    match &token.grant_id {
        Some(grant_id) => granted_by_user(connection, token, grant_id),
        None => granted_to_server(connection, token),
    }
}

fn granted_to_server(
    connection: &Connection,
    token: &AccessToken,
) -> Result<Result<Granted, &'static str>, StoreError> {
    let client = clients::find(connection, &token.client_id)?;
    let Some(client) = client.filter(|client| client.revoked_at.is_none()) else {
        return Ok(Err("client_unknown"));
    };
    // Whoever had what the client proved itself with before may have got it.
    if token.credentials_generation != client.credentials_generation {
        return Ok(Err("client_credentials_changed"));
    }
    if token.subject != client.id || token.merchant_id.as_ref() != Some(&client.merchant_id) {
        return Ok(Err("token_merchant"));
    }
    let scopes = Scopes::parse(&in_both(&token.scope, &client.scopes));
    let (id, merchant_id) = (client.id, client.merchant_id);
    let caller = Caller::new(id, merchant_id, client.mode, scopes, client.networks);
    Ok(Ok(Granted::Server(caller)))
}

fn granted_by_user(
    connection: &Connection,
    token: &AccessToken,
    grant_id: &str,
) -> Result<Result<Granted, &'static str>, StoreError> {
    let grant = oauth_grants::find(connection, grant_id)?;
    let Some(grant) = grant.filter(|grant| grant.revoked_at.is_none()) else {
        return Ok(Err("grant_revoked"));
    };
    let program = public_clients::find(connection, &grant.client_id)?;
    if program.is_none_or(|program| program.revoked_at.is_some()) {
        return Ok(Err("client_unknown"));
    }
    let user = users::find(connection, &grant.user_id)?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
        return Ok(Err("user_locked"));
    };
    let is_theirs = token.subject == user.id
        && token.client_id == grant.client_id
        && token.merchant_id == user.merchant_id;
    if !is_theirs {
        return Ok(Err("token_merchant"));
    }
    let scope = in_both(&in_both(&token.scope, &grant.scopes), &user.scopes);
    Ok(Ok(match user.merchant_id {
        None => Granted::Operator(Operator::new(user.id, Scopes::parse(&scope))),
        Some(merchant_id) => {
            let mode = mode_of(Some(&merchant_id));
            let scopes = Scopes::parse(&scope);
            Granted::Server(Caller::new(
                user.id,
                merchant_id,
                mode,
                scopes,
                String::new(),
            ))
        }
    }))
}
