//! Makes access tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    AuthorizationServer, Confirmation, NewAccessToken, OAuthError, OAuthFailure, Refusal,
    access_token::{LIFETIME_S, mode_of},
    scope_request::requested,
};
use crate::{
    clock::Timestamp,
    keys::Keyring,
    rng::Rng,
    store::{
        Store, StoreError, Touches,
        audit::{self, AuditEntry},
        clients::Client,
        oauth_grants::Grant,
    },
};

/// What a token endpoint answers (RFC 6749 section 5.1).
#[derive(Serialize)]
pub struct TokenAnswer {
    access_token: Zeroizing<String>,
    token_type: &'static str,
    expires_in: u32,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroizing<String>>,
}

/// Whom a new token is of.
pub(super) struct Holder<'h> {
    pub(super) subject: &'h str,
    pub(super) client_id: &'h str,
    pub(super) merchant_id: Option<&'h str>,
    pub(super) grant: Option<&'h Grant>,
    /// Of a server's credentials, as they were when it proved itself with them.
    pub(super) credentials_generation: u64,
}

impl AuthorizationServer {
    /// A token for a server's own credentials (RFC 6749 section 4.4), bound to the certificate of its
    /// connection and to its DPoP key, where it has them.
    ///
    /// # Errors
    /// [`OAuthError::InvalidScope`].
    #[expect(
        clippy::too_many_arguments,
        reason = "what a request brings, and what it is answered with"
    )]
    pub async fn issue_to_server(
        &self,
        store: &Store,
        keyring: &Keyring,
        client: &Client,
        scope: Option<&str>,
        (certificate, jkt): (Option<&[u8; 32]>, Option<String>),
        request_id: String,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<TokenAnswer, OAuthFailure> {
        let scope = requested(scope, &client.scopes)
            .map_err(|error| Refusal::new(error, "scope").of_client(&client.id))?;
        let confirmation = Confirmation {
            jkt,
            certificate: certificate.map(|sha256| URL_SAFE_NO_PAD.encode(sha256)),
        };
        let entry = AuditEntry {
            action: "token.issued",
            reason: Some("client_credentials"),
            merchant_id: Some(client.merchant_id.clone()),
            client_id: Some(client.id.clone()),
            request_id: Some(request_id),
            ..AuditEntry::default()
        };
        let written = store.write_grouped("issue_token", Touches::default(), move |tx| {
            audit::append(tx, &entry, now)
        });
        written.await?;
        let holder = Holder {
            subject: &client.id,
            client_id: &client.id,
            merchant_id: Some(&client.merchant_id),
            grant: None,
            credentials_generation: client.credentials_generation,
        };
        self.sign(keyring, &holder, (scope, confirmation), None, now, rng)
    }

    pub(super) fn sign(
        &self,
        keyring: &Keyring,
        holder: &Holder<'_>,
        (scope, confirmation): (String, Confirmation),
        refresh_token: Option<Zeroizing<String>>,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<TokenAnswer, OAuthFailure> {
        let jti = rng.id("tok_", now)?;
        let token_type = match confirmation.jkt {
            Some(_) => "DPoP",
            None => "Bearer",
        };
        let token = NewAccessToken {
            issuer: &self.issuer,
            subject: holder.subject,
            client_id: holder.client_id,
            merchant_id: holder.merchant_id,
            scope: &scope,
            confirmation,
            grant_id: holder.grant.map(|grant| grant.id.as_str()),
            credentials_generation: holder.credentials_generation,
            issued_at: now,
            jti: &jti,
        };
        let key = keyring.of(mode_of(holder.merchant_id)).access_token_key();
        let signed = token.sign(key);
        Ok(TokenAnswer {
            access_token: signed
                .map_err(|_| StoreError::Damaged("access token key"))?
                .into(),
            token_type,
            expires_in: LIFETIME_S,
            scope,
            refresh_token,
        })
    }
}

/// A refusal of a grant.
pub(super) fn invalid_grant(reason: &'static str, client_id: &str) -> Refusal {
    Refusal::new(OAuthError::InvalidGrant, reason).of_client(client_id)
}
