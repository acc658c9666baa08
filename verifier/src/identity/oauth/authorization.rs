//! What a program asks a person for (RFC 6749 section 4.1.1), and how it is answered.

use url::Url;

use super::{
    AuthorizationServer, Handle, OAuthError, Parameters, parse_redirect_uri, pkce,
    scope_request::{in_both, requested},
};
use crate::{
    clock::Timestamp,
    identity::people::BrowserSession,
    rng::Rng,
    store::{
        Store, StoreError,
        audit::{self, AuditEntry},
        login_sessions,
        oauth_grants::{self, Code, Grant},
        public_clients::{self, PublicClient},
        users::{self, User},
    },
};

/// Longest `state`, in bytes.
const MOST_STATE: usize = 512;

/// A request that may be put to a person.
pub struct AuthorizationRequest {
    /// Who asks.
    pub program: PublicClient,
    /// For what, space separated.
    pub scope: String,
    redirect_uri: Url,
    state: Option<String>,
    challenge: [u8; 32],
    dpop_jkt: Option<String>,
}

/// Who asks, or where it would be answered, is not known: nobody is sent anywhere (RFC 9700 section 4.11).
#[derive(Debug)]
pub struct Unanswerable;

/// Why a request is not put to a person.
#[derive(Debug)]
pub enum NotAnswered {
    /// Where the browser goes back to, with the error.
    Back(String),
    /// The store failed.
    Store(StoreError),
    /// It must not go back.
    Unanswerable(Unanswerable),
}

impl From<StoreError> for NotAnswered {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl AuthorizationServer {
    /// Reads the request in a query.
    ///
    /// # Errors
    /// [`NotAnswered`].
    pub async fn read_authorization(
        &self,
        store: &Store,
        query: &str,
    ) -> Result<AuthorizationRequest, NotAnswered> {
        let unanswerable = || NotAnswered::Unanswerable(Unanswerable);
        let parameters = Parameters::parse(query.as_bytes()).map_err(|_| unanswerable())?;
        let named = (parameters.get("client_id"), parameters.get("redirect_uri"));
        let (Some(id), Some(uri)) = named else {
            return Err(unanswerable());
        };
        let (id, uri) = (id.to_owned(), uri.to_owned());
        let redirect_uri = parse_redirect_uri(&uri).ok_or_else(unanswerable)?;
        let found = store.read(move |connection| {
            let is_registered = public_clients::has_redirect_uri(connection, &id, &uri)?;
            Ok(public_clients::find(connection, &id)?.filter(|_| is_registered))
        });
        let program = found.await?.filter(|program| program.revoked_at.is_none());
        let program = program.ok_or_else(unanswerable)?;
        let state = parameters.get("state");
        let asked = self.asked(&parameters, &program);
        match asked {
            Ok((scope, challenge, dpop_jkt)) => Ok(AuthorizationRequest {
                program,
                scope,
                redirect_uri,
                state: state.map(str::to_owned),
                challenge,
                dpop_jkt,
            }),
            Err(error) => {
                let state = state.filter(|state| state.len() <= MOST_STATE);
                Err(NotAnswered::Back(self.back(&redirect_uri, state, error)))
            }
        }
    }

    /// What is asked for, if all of it is as it has to be.
    fn asked(
        &self,
        parameters: &Parameters,
        program: &PublicClient,
    ) -> Result<(String, [u8; 32], Option<String>), OAuthError> {
        if parameters.need("response_type")? != "code" {
            return Err(OAuthError::UnsupportedResponseType);
        }
        let mode = parameters.get("response_mode");
        let state = parameters.get("state");
        let is_long = state.is_some_and(|state| state.len() > MOST_STATE);
        if is_long || mode.is_some_and(|mode| mode != "query") {
            return Err(OAuthError::InvalidRequest);
        }
        if parameters
            .get("resource")
            .is_some_and(|uri| uri != self.issuer)
        {
            return Err(OAuthError::InvalidTarget);
        }
        if parameters.need("code_challenge_method")? != "S256" {
            return Err(OAuthError::InvalidRequest);
        }
        let challenge = pkce::parse_challenge(parameters.need("code_challenge")?);
        let challenge = challenge.ok_or(OAuthError::InvalidRequest)?;
        let jkt = parameters.get("dpop_jkt").map(str::to_owned);
        if jkt
            .as_ref()
            .is_some_and(|jkt| pkce::parse_challenge(jkt).is_none())
        {
            return Err(OAuthError::InvalidRequest);
        }
        let scope = requested(parameters.get("scope"), &program.scopes)?;
        Ok((scope, challenge, jkt))
    }

    fn back(&self, redirect_uri: &Url, state: Option<&str>, error: OAuthError) -> String {
        let mut back = redirect_uri.clone();
        back.query_pairs_mut().append_pair("error", error.as_str());
        self.name_itself(back, state)
    }

    /// With `state` and `iss` (RFC 9207).
    fn name_itself(&self, mut back: Url, state: Option<&str>) -> String {
        if let Some(state) = state {
            back.query_pairs_mut().append_pair("state", state);
        }
        back.query_pairs_mut().append_pair("iss", &self.issuer);
        back.into()
    }

    /// Where the browser goes when the person has said no.
    pub fn deny(&self, request: &AuthorizationRequest) -> String {
        let state = request.state.as_deref();
        self.back(&request.redirect_uri, state, OAuthError::AccessDenied)
    }

    /// Where the browser goes, with a code, when whoever is signed in has said yes; `None` when they are
    /// signed in no longer.
    ///
    /// # Errors
    /// When the generator or the store fails.
    pub async fn allow(
        &self,
        store: &Store,
        request: &AuthorizationRequest,
        session: &BrowserSession,
        request_id: String,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Option<String>, StoreError> {
        let user = &session.user;
        let handle = Handle::make("cod_", now, rng)?;
        let grant = Grant {
            id: rng.id("grt_", now)?,
            client_id: request.program.id.clone(),
            user_id: user.id.clone(),
            scopes: request.grantable(user),
            dpop_jkt: request.dpop_jkt.clone(),
            created_at: now,
            revoked_at: None,
        };
        let code = Code {
            id: handle.id.clone(),
            secret_digest: handle.digest,
            grant_id: grant.id.clone(),
            redirect_uri: request.redirect_uri.to_string(),
            challenge: request.challenge,
            created_at: now,
            used_at: None,
        };
        let entry = AuditEntry {
            action: "consent.given",
            merchant_id: user.merchant_id.clone(),
            client_id: Some(request.program.id.clone()),
            operator_id: Some(user.id.clone()),
            request_id: Some(request_id),
            ..AuditEntry::default()
        };
        let session_id = session.handle.id.clone();
        let stored = store.write("consent", move |tx| {
            let user = users::find(tx, &grant.user_id)?;
            let is_known = user.is_some_and(|user| user.disabled_at.is_none());
            if !is_known || login_sessions::find(tx, &session_id)?.is_none() {
                return Ok(false);
            }
            oauth_grants::insert(tx, &grant, &code)?;
            audit::append(tx, &entry, now)?;
            Ok(true)
        });
        if !stored.await? {
            return Ok(None);
        }
        let mut back = request.redirect_uri.clone();
        back.query_pairs_mut().append_pair("code", &handle.text);
        Ok(Some(self.name_itself(back, request.state.as_deref())))
    }
}

impl AuthorizationRequest {
    /// What would be granted: no more than was asked for, and no more than the person may do.
    pub fn grantable(&self, user: &User) -> String {
        in_both(&self.scope, &user.scopes)
    }

    /// Where a page's form may lead to besides the verifier, as a CSP source.
    pub fn form_target(&self) -> String {
        match self.redirect_uri.scheme() {
            "http" | "https" => self.redirect_uri.origin().ascii_serialization(),
            scheme => format!("{scheme}:"),
        }
    }
}
