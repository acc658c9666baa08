//! Requests over HTTP or TLS, each bounded in time and size.

use std::{fmt, time::Duration};

use axum::body::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode, Uri,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore};
use serde::{Serialize, de::DeserializeOwned};

use crate::tls;

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// A client that keeps its connections.
#[derive(Clone, Debug)]
pub struct HttpClient(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// What a request carries.
#[derive(Debug)]
pub struct Body(Option<(&'static str, Bytes)>);

/// A request that got no usable answer.
#[derive(Debug)]
pub enum HttpError {
    /// No complete answer in time, or none at all.
    NoAnswer {
        /// What was asked.
        url: String,
        /// Why there is no answer, from the outermost cause to the innermost.
        reason: String,
    },
    /// The request could not be built: a URL or header of the configuration is not valid.
    Request(String),
}

impl HttpClient {
    /// A client that trusts, and presents, what `tls` says.
    pub fn new(tls: ClientConfig) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// A client for servers without TLS. It trusts nobody's certificate.
    pub fn plain() -> Self {
        Self::new(tls::trusting(RootCertStore::empty()).with_no_client_auth())
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When there is no complete answer within ten seconds and 256 kB.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Body,
    ) -> Result<Answer, HttpError> {
        let request = build(method, url, headers, body)?;
        tokio::time::timeout(TIMEOUT, self.exchange(request))
            .await
            .unwrap_or_else(|_| Err("no answer within 10 seconds".into()))
            .map_err(|reason| HttpError::NoAnswer {
                url: url.to_owned(),
                reason,
            })
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let response = self.0.request(request).await.map_err(|e| causes(&e))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES)
            .collect()
            .await
            .map_err(|e| causes(&*e))?
            .to_bytes();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }
}

impl Body {
    /// Nothing.
    pub const EMPTY: Self = Self(None);

    /// A form as a browser sends one; `text` is encoded already.
    pub const fn form(text: &'static str) -> Self {
        let bytes = Bytes::from_static(text.as_bytes());
        Self(Some(("application/x-www-form-urlencoded", bytes)))
    }

    /// `value` as JSON.
    ///
    /// # Errors
    /// When it has no JSON form.
    pub fn json(value: &impl Serialize) -> Result<Self, HttpError> {
        let bytes = serde_json::to_vec(value).map_err(|e| HttpError::Request(e.to_string()))?;
        Ok(Self(Some(("application/json", bytes.into()))))
    }
}

impl Answer {
    /// The body as JSON; `None` when it is not a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer { url, reason } => write!(f, "{url}: {reason}"),
            Self::Request(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for HttpError {}

fn build(
    method: Method,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: Body,
) -> Result<Request<Full<Bytes>>, HttpError> {
    let uri: Uri = url
        .parse()
        .map_err(|e| HttpError::Request(format!("{url}: {e}")))?;
    let (content_type, bytes) = body.0.unzip();
    let mut request = Request::new(Full::new(bytes.unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    if let Some(content_type) = content_type {
        let content_type = HeaderValue::from_static(content_type);
        request.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    request.headers_mut().extend(headers.iter().cloned());
    Ok(request)
}

/// The whole chain of causes: the outermost alone ("client error") helps nobody.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let reasons: Vec<_> = causes.map(ToString::to_string).collect();
    reasons.join(": ")
}
