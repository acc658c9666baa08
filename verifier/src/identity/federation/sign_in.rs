//! A browser goes to an issuer and comes back (OpenID Connect Core section 3.1, RFC 9700).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    exchange::Redemption,
    id_token::{self, Expected, MOST_AUTHENTICATION_AGE_S},
    provider::IdentityProvider,
};
use crate::{
    clock::Timestamp,
    identity::{
        oauth::{Handle, Parameters},
        people::{BrowserSession, SESSION_PREFIX},
        secret::secret_digest,
    },
    keys::Keyring,
    mode::Mode,
    outbound::Outbound,
    rng::{Rng, RngError},
    store::{
        Store, StoreError,
        audit::{self, AuditEntry},
        identity_bindings, login_sessions,
        pending_logins::{self, LIFETIME_S, PendingLogin, verifier_place},
        users,
    },
};

/// How states begin.
const STATE_PREFIX: &str = "pnd_";

/// What signing in elsewhere needs.
pub struct Asking<'a> {
    /// What is kept.
    pub store: &'a Store,
    /// The keys.
    pub keyring: &'a Keyring,
    /// Who calls out.
    pub outbound: &'a Outbound,
    /// Randomness.
    pub rng: &'a dyn Rng,
    /// The time.
    pub now: Timestamp,
}

/// A browser that is to be sent to an issuer.
pub struct Departure {
    /// Where to.
    pub uri: String,
    /// The cookie by which it is known when it comes back.
    pub cookie: Zeroizing<String>,
}

/// Why somebody is not signed in.
#[derive(Debug)]
pub enum FederationFailure {
    /// For the audit: why, from a fixed list, and who it would have been, if that is known.
    Refused(&'static str, Option<String>),
    /// The store failed.
    Store(StoreError),
}

impl From<&'static str> for FederationFailure {
    fn from(reason: &'static str) -> Self {
        Self::Refused(reason, None)
    }
}

impl From<RngError> for FederationFailure {
    fn from(error: RngError) -> Self {
        Self::Store(error.into())
    }
}

impl From<StoreError> for FederationFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Takes the login that a state belongs to, in the browser that was sent with it: once, within its time.
///
/// # Errors
/// When the store fails.
pub async fn take_pending(
    store: &Store,
    provider: &IdentityProvider,
    state: &str,
    cookie: &str,
    now: Timestamp,
) -> Result<Option<PendingLogin>, StoreError> {
    let Some(handle) = Handle::parse(STATE_PREFIX, state) else {
        return Ok(None);
    };
    let (browser, name) = (secret_digest(cookie), provider.name().to_owned());
    let taken = store.write("take_pending_login", move |tx| {
        let found = pending_logins::find(tx, &handle.id)?;
        let found = found.filter(|pending| {
            let is_browser: bool = pending.browser_digest.ct_eq(&browser).into();
            handle.is(&pending.secret_digest) && is_browser && pending.provider == name
        });
        if found.is_some() {
            pending_logins::delete(tx, &handle.id)?;
        }
        Ok(found.filter(|pending| now < pending.created_at.plus_seconds(LIFETIME_S)))
    });
    taken.await
}

impl IdentityProvider {
    /// Sends a browser to the issuer; `query` is the program's request that goes on afterwards.
    ///
    /// # Errors
    /// [`FederationFailure`].
    pub async fn depart(
        &self,
        asking: &Asking<'_>,
        query: String,
    ) -> Result<Departure, FederationFailure> {
        let metadata = self.metadata(asking.outbound, asking.now).await?;
        let (rng, now) = (asking.rng, asking.now);
        let state = Handle::make(STATE_PREFIX, now, rng)?;
        let (nonce, verifier, cookie) = (random(rng)?, random(rng)?, random(rng)?);
        let deks = &asking.keyring.of(Mode::Live).deks;
        let place = verifier_place(&state.id);
        let pending = PendingLogin {
            id: state.id.clone(),
            secret_digest: state.digest,
            browser_digest: secret_digest(&cookie),
            provider: self.name().to_owned(),
            nonce: nonce.to_string(),
            verifier_enc: deks.encrypt(place, verifier.as_bytes(), rng)?,
            query,
            created_at: now,
        };
        let stored = asking.store.write("begin_federated_login", move |tx| {
            pending_logins::insert(tx, &pending)
        });
        stored.await?;
        let mut uri = metadata.authorization_endpoint;
        uri.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", "openid")
            .append_pair("state", &state.text)
            .append_pair("nonce", &nonce)
            .append_pair("max_age", &MOST_AUTHENTICATION_AGE_S.to_string())
            .append_pair(
                "code_challenge",
                &URL_SAFE_NO_PAD.encode(secret_digest(&verifier)),
            )
            .append_pair("code_challenge_method", "S256");
        Ok(Departure {
            uri: uri.into(),
            cookie,
        })
    }

    /// Signs somebody in who comes back with `answer`.
    ///
    /// # Errors
    /// [`FederationFailure`].
    pub async fn arrive(
        &self,
        asking: &Asking<'_>,
        pending: &PendingLogin,
        answer: &Parameters,
        request_id: String,
    ) -> Result<BrowserSession, FederationFailure> {
        let subject = self.subject(asking, pending, answer).await?;
        let (issuer, now) = (self.settings.issuer.clone(), asking.now);
        let found = asking.store.read(move |connection| {
            let user_id = identity_bindings::user_of(connection, &issuer, &subject)?;
            let user = user_id.map(|id| users::find(connection, &id)).transpose()?;
            Ok((user.flatten(), subject))
        });
        let (Some(user), subject) = found.await? else {
            return Err("subject_unknown".into());
        };
        let handle = Handle::make(SESSION_PREFIX, now, asking.rng)?;
        let session = BrowserSession::new(handle, user, now);
        let user_id = session.user.id.clone();
        let entry = AuditEntry {
            action: "login.succeeded",
            merchant_id: session.user.merchant_id.clone(),
            operator_id: Some(user_id.clone()),
            request_id: Some(request_id),
            ..AuditEntry::default()
        };
        let (row, issuer) = (session.row.clone(), self.settings.issuer.clone());
        let done = asking.store.write("federated_login", move |tx| {
            // Either may have been taken away meanwhile.
            let bound = identity_bindings::user_of(tx, &issuer, &subject)?;
            if bound.as_ref() != Some(&row.user_id) {
                return Ok(Some("subject_unknown"));
            }
            let user = users::find(tx, &row.user_id)?;
            if user.is_none_or(|user| user.disabled_at.is_some()) {
                return Ok(Some("user_locked"));
            }
            login_sessions::insert(tx, &row)?;
            audit::append(tx, &entry, now)?;
            Ok(None)
        });
        match done.await? {
            None => Ok(session),
            Some(reason) => Err(FederationFailure::Refused(reason, Some(user_id))),
        }
    }

    /// Who the issuer says that it is.
    async fn subject(
        &self,
        asking: &Asking<'_>,
        pending: &PendingLogin,
        answer: &Parameters,
    ) -> Result<String, FederationFailure> {
        let (settings, now) = (&self.settings, asking.now);
        let metadata = self.metadata(asking.outbound, now).await?;
        // RFC 9207 section 2.4, before anything else of the answer is believed.
        match answer.get("iss") {
            Some(named) if named == settings.issuer => {}
            None if !metadata.names_itself => {}
            _ => return Err("provider_issuer".into()),
        }
        if answer.get("error").is_some() {
            return Err("provider_refused".into());
        }
        let code = answer.get("code").ok_or("provider_answer")?;
        let deks = &asking.keyring.of(Mode::Live).deks;
        let verifier = deks.decrypt(verifier_place(&pending.id), &pending.verifier_enc)?;
        let verifier = std::str::from_utf8(&verifier).map_err(|_| "provider_answer")?;
        let redemption = Redemption {
            client_id: &settings.client_id,
            secret: &self.secret,
            redirect_uri: &self.redirect_uri,
            code,
            verifier,
        };
        let token = redemption.redeem(asking.outbound, &metadata).await?;
        let header = id_token::header(&token)?;
        let mut known = self.keys.lock().await;
        let keys = known
            .of(&header, asking.outbound, &metadata.jwks_uri, now)
            .await?;
        drop(known);
        let expected = Expected {
            issuer: &settings.issuer,
            client_id: &settings.client_id,
            nonce: &pending.nonce,
            require_amr: &settings.require_amr,
        };
        Ok(id_token::verify(&token, header.alg, &keys, &expected, now)?)
    }
}

/// 43 characters (256 random bits): what RFC 7636 section 4.1 recommends for a verifier.
fn random(rng: &dyn Rng) -> Result<Zeroizing<String>, RngError> {
    let random = Zeroizing::new(rng.array::<32>()?);
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*random)))
}
