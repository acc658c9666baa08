//! A call and its answer.

use std::{error::Error, sync::Arc, time::Duration};

use axum::http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_LENGTH, USER_AGENT},
};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{self, Client},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

use super::{
    CallError, Destination, OutboundError,
    address::AddressPolicy,
    connect::Connector,
    resolve::{Resolve, SystemResolver},
    roots,
};
use crate::{clock::Clock, config};

/// How long a connection waits for its next call.
const IDLE: Duration = Duration::from_secs(15);
/// Connections to one host that wait.
const IDLE_PER_HOST: usize = 4;
/// Largest status line and headers of an answer, in bytes.
const MAX_HEAD: usize = 32 * 1024;

/// Who calls out. A clone is the same one.
#[derive(Clone)]
pub struct Outbound {
    client: Client<HttpsConnector<Connector>, Full<Bytes>>,
    plain_http_on_loopback: bool,
}

/// What is asked.
pub struct Call {
    /// HTTP method.
    pub method: Method,
    /// Where.
    pub to: Destination,
    /// Headers besides `Host`, `User-Agent` and `Content-Length`.
    pub headers: HeaderMap,
    /// Body; empty for none.
    pub body: Bytes,
}

/// What a call may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// From the look-up of the host's name to the answer's last byte.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub answer_bytes: usize,
}

/// What was answered. A redirect is an answer like any other.
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, as it was sent: no encoding was asked for.
    pub body: Bytes,
}

impl Call {
    /// `GET` without headers of its own.
    pub fn get(to: Destination) -> Self {
        Self {
            method: Method::GET,
            to,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// `POST` of a body.
    pub fn post(to: Destination, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(axum::http::header::CONTENT_TYPE, content_type);
        Self {
            method: Method::POST,
            to,
            headers,
            body: body.into(),
        }
    }

    /// The same with another header, or one in its place.
    #[must_use]
    pub fn with_header(mut self, name: axum::http::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl Outbound {
    /// As the configuration has it, by the system's resolver.
    ///
    /// # Errors
    /// When the authorities' certificates cannot be read.
    pub fn new(config: &config::Outbound, clock: &Arc<dyn Clock>) -> Result<Self, OutboundError> {
        Self::with_resolver(config, clock, Arc::new(SystemResolver::default()))
    }

    /// The same by another resolver.
    ///
    /// # Errors
    /// When the authorities' certificates cannot be read.
    pub fn with_resolver(
        config: &config::Outbound,
        clock: &Arc<dyn Clock>,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, OutboundError> {
        let policy = AddressPolicy::new(config.private_networks.clone());
        let tls = roots::client_config(config.ca_file.as_deref(), clock)?;
        let connector = Connector::new(policy, resolver, config.plain_http_on_loopback);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .http1_max_buf_size(MAX_HEAD)
            .build(HttpsConnector::from((connector, tls)));
        Ok(Self {
            client,
            plain_http_on_loopback: config.plain_http_on_loopback,
        })
    }

    /// Calls, and waits for the whole answer. One that could not be delivered is not tried again.
    ///
    /// # Errors
    /// When there is no whole answer within the bounds.
    pub async fn call(&self, call: Call, bounds: Bounds) -> Result<Answer, CallError> {
        if !call.to.is_https() && !self.plain_http_on_loopback {
            return Err(CallError::UrlRefused);
        }
        let answered = timeout(bounds.time, self.answer(call, bounds.answer_bytes));
        answered.await.unwrap_or(Err(CallError::TimedOut))
    }

    async fn answer(&self, call: Call, most: usize) -> Result<Answer, CallError> {
        let mut request = Request::new(Full::new(call.body));
        *request.method_mut() = call.method;
        *request.uri_mut() = call.to.uri();
        *request.headers_mut() = call.headers;
        let agent = HeaderValue::from_static(concat!("waxseal/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(USER_AGENT, agent);
        let response = self.client.request(request).await;
        let response = response.map_err(|error| reason(&error))?;
        read(response, most).await
    }
}

async fn read<B>(response: Response<B>, most: usize) -> Result<Answer, CallError>
where
    B: BodyExt<Data = Bytes> + Unpin,
{
    let (head, mut body) = response.into_parts();
    let announced = head.headers.get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > most as u64) {
        return Err(CallError::AnswerTooLarge);
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| CallError::BrokenAnswer)?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > most - whole.len() {
            return Err(CallError::AnswerTooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: whole.freeze(),
    })
}

/// The connector's own reason lies within the client's error.
fn reason(error: &legacy::Error) -> CallError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(own) = inner.downcast_ref::<CallError>() {
            return *own;
        }
        cause = inner.source();
    }
    match error.is_connect() {
        true => CallError::Tls,
        false => CallError::BrokenAnswer,
    }
}
