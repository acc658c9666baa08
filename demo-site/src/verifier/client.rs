//! The private listener's client.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{
    Method, StatusCode, Uri,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use waxseal_protocol::ErrorCode;

use super::{
    Credentials, IssuedToken, NewSession, SessionRecord,
    message::{CreatedSession, SessionChange},
};
use crate::{
    country::Country,
    http_client::{Body, HttpClient, HttpError},
    money::Cents,
    tls::TlsFiles,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Calls the verifier as this merchant.
#[derive(Debug)]
pub struct VerifierClient {
    http: HttpClient,
    base: String,
    /// None where the certificate says it all.
    authorization: Option<HeaderValue>,
}

/// A call that did not succeed.
#[derive(Debug)]
pub enum VerifierError {
    /// The configured address or credentials can never work.
    Configuration(String),
    /// The verifier refused, with this stable code.
    Refused(String),
    /// The answer was not what the contract says.
    Unexpected(StatusCode),
    /// There was no answer.
    Unreachable(HttpError),
}

impl VerifierClient {
    /// A client for the private listener at `base`, such as `http://127.0.0.1:8788`.
    ///
    /// # Errors
    /// When `base` is not plain HTTP on this machine: the secret would cross a network in the clear; and
    /// when there is no secret.
    pub fn new(base: &str, credentials: &Credentials) -> Result<Self, VerifierError> {
        let refused = |reason: &str| VerifierError::Configuration(format!("{base}: {reason}"));
        let uri: Uri = base.parse().map_err(|_| refused("not a URL"))?;
        let local = matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
        if uri.scheme_str() != Some("http") || !local {
            return Err(refused(
                "without TLS only http on a loopback address is supported",
            ));
        }
        let authorization = basic(base, credentials)?;
        let authorization =
            authorization.ok_or_else(|| refused("the credentials have no secret"))?;
        Ok(Self {
            http: HttpClient::plain(),
            base: base.trim_end_matches('/').to_owned(),
            authorization: Some(authorization),
        })
    }

    /// The same over TLS, such as `https://verifier.internal:8788`: known by the certificate of `tls`, by
    /// the secret of `credentials`, or by both.
    ///
    /// # Errors
    /// When `base` is not https, a file cannot be used, or there is neither certificate nor secret.
    pub fn over_tls(
        base: &str,
        tls: &TlsFiles,
        credentials: Option<&Credentials>,
    ) -> Result<Self, VerifierError> {
        let refused = |reason: &str| VerifierError::Configuration(format!("{base}: {reason}"));
        let uri: Uri = base.parse().map_err(|_| refused("not a URL"))?;
        if uri.scheme_str() != Some("https") {
            return Err(refused("TLS files are given, so the URL has to be https"));
        }
        let authorization = credentials.map(|known| basic(base, known)).transpose()?;
        let authorization = authorization.flatten();
        if authorization.is_none() && tls.identity.is_none() {
            return Err(refused(
                "there is neither a client certificate nor a secret",
            ));
        }
        let config = tls
            .client_config()
            .map_err(|error| VerifierError::Configuration(error.to_string()))?;
        Ok(Self {
            http: HttpClient::new(config),
            base: base.trim_end_matches('/').to_owned(),
            authorization,
        })
    }

    /// Opens a checkout session. The same key and body give the first answer again, so that a
    /// repeated request never opens a second one.
    ///
    /// # Errors
    /// When the verifier refuses or does not answer.
    pub async fn create_session(
        &self,
        session: &NewSession<'_>,
        idempotency_key: &str,
    ) -> Result<(String, IssuedToken), VerifierError> {
        let key = HeaderValue::try_from(idempotency_key)
            .map_err(|_| VerifierError::Configuration("an order id is no header value".into()))?;
        let created: CreatedSession = self
            .call(
                Method::POST,
                "/v1/sessions",
                &[(IDEMPOTENCY_KEY, key)],
                Body::json(session)?,
            )
            .await?;
        Ok((created.id, created.token))
    }

    /// Reads a session with its masked card and its decision; `None` when the verifier has no such
    /// session (any more).
    ///
    /// # Errors
    /// When the verifier refuses or does not answer.
    pub async fn session(&self, id: &str) -> Result<Option<SessionRecord>, VerifierError> {
        let path = format!("/v1/sessions/{id}");
        match self.call(Method::GET, &path, &[], Body::EMPTY).await {
            Err(error) if error.is(ErrorCode::NotFound) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Changes what is to be paid and where the goods go. `rev` is the revision that the caller saw.
    ///
    /// # Errors
    /// When the session has moved on (`revision_conflict`, `session_completed`, `session_expired`),
    /// or the verifier does not answer.
    pub async fn change_session(
        &self,
        id: &str,
        rev: u32,
        amount: Cents,
        shipping_country: Country,
    ) -> Result<(), VerifierError> {
        let change = SessionChange {
            rev,
            amount,
            shipping_country,
        };
        let path = format!("/v1/sessions/{id}");
        let body = Body::json(&change)?;
        self.call::<IgnoredAny>(Method::PATCH, &path, &[], body)
            .await
            .map(drop)
    }

    /// A fresh client token for a session.
    ///
    /// # Errors
    /// When the session is over, or the verifier does not answer.
    pub async fn renew_token(&self, id: &str) -> Result<IssuedToken, VerifierError> {
        self.call(
            Method::POST,
            &format!("/v1/sessions/{id}/token"),
            &[],
            Body::EMPTY,
        )
        .await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Body,
    ) -> Result<T, VerifierError> {
        let mut headers = headers.to_vec();
        let authorization = self.authorization.clone();
        headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
        let url = format!("{}{path}", self.base);
        let answer = self.http.send(method, &url, &headers, body).await?;
        if !answer.status.is_success() {
            return Err(match answer.json::<Problem>() {
                Some(problem) => VerifierError::Refused(problem.code),
                None => VerifierError::Unexpected(answer.status),
            });
        }
        answer
            .json()
            .ok_or(VerifierError::Unexpected(answer.status))
    }
}

/// The `Authorization` header of a client with a secret (RFC 7617).
fn basic(base: &str, credentials: &Credentials) -> Result<Option<HeaderValue>, VerifierError> {
    let Some(secret) = &credentials.client_secret else {
        return Ok(None);
    };
    let pair = format!("{}:{}", credentials.client_id, secret.expose());
    let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)));
    let mut value = value.map_err(|_| {
        let reason = "the credentials do not fit into a header";
        VerifierError::Configuration(format!("{base}: {reason}"))
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

impl VerifierError {
    /// Whether the verifier refused with `code`.
    pub fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Refused(refused) if refused == code.as_str())
    }
}

/// Problem details (RFC 9457), as far as a caller acts on them.
#[derive(Deserialize)]
struct Problem {
    code: String,
}

impl fmt::Display for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(reason) => write!(f, "verifier {reason}"),
            Self::Refused(code) => write!(f, "the verifier refused: {code}"),
            Self::Unexpected(status) => {
                write!(f, "the verifier's answer ({status}) is not understood")
            }
            Self::Unreachable(error) => write!(f, "the verifier did not answer: {error}"),
        }
    }
}

impl std::error::Error for VerifierError {}

impl From<HttpError> for VerifierError {
    fn from(error: HttpError) -> Self {
        Self::Unreachable(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_goes_to_this_machine_only() {
        let credentials = Credentials::new("c_1".into(), "hush".into());
        for good in [
            "http://127.0.0.1:8788",
            "http://localhost:1/",
            "http://[::1]:2",
        ] {
            let client = VerifierClient::new(good, &credentials).unwrap();
            assert!(client.authorization.unwrap().is_sensitive());
        }
        for bad in [
            "http://10.0.0.1:8788",
            "http://localhost.example:1",
            "https://127.0.0.1:1",
            "",
            "/",
        ] {
            assert!(VerifierClient::new(bad, &credentials).is_err(), "{bad}");
        }
    }

    #[test]
    fn over_tls_something_has_to_say_who_calls() {
        let tls = TlsFiles {
            ca: "/nonexistent/ca.crt".into(),
            identity: None,
        };
        let credentials = Credentials::new("c_1".into(), "hush".into());
        for (base, credentials, wanted) in [
            ("https://verifier.internal", None, "neither"),
            ("http://127.0.0.1:1", Some(&credentials), "https"),
            ("https://verifier.internal", Some(&credentials), "ca.crt"),
        ] {
            let refused = VerifierClient::over_tls(base, &tls, credentials).unwrap_err();
            assert!(refused.to_string().contains(wanted), "{refused}");
        }
    }
}
