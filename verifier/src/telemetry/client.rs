//! The collector, called as everything outside is.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use axum::http::{Request, Response};
use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError};

use crate::outbound::{Bounds, Call, Destination, Outbound};

const BOUNDS: Bounds = Bounds {
    time: Duration::from_secs(5),
    answer_bytes: 64 * 1024,
};

pub(super) struct CollectorClient {
    outbound: Outbound,
    to: Destination,
    is_failing: AtomicBool,
}

impl CollectorClient {
    pub(super) const fn new(outbound: Outbound, to: Destination) -> Self {
        Self {
            outbound,
            to,
            is_failing: AtomicBool::new(false),
        }
    }

    /// Logged when it changes, not with each batch.
    fn failed(&self, reason: &'static str, status: u16) {
        if !self.is_failing.swap(true, Ordering::Relaxed) {
            let collector = self.to.origin();
            tracing::warn!(event = "spans_not_taken", collector, reason, status);
        }
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let call = Call {
            method: head.method,
            to: self.to.clone(),
            headers: head.headers,
            body,
        };
        let answer = self.outbound.call(call, BOUNDS).await;
        let answer = answer.inspect_err(|error| self.failed(error.as_str(), 0))?;
        if !answer.status.is_success() {
            self.failed("refused", answer.status.as_u16());
        } else if self.is_failing.swap(false, Ordering::Relaxed) {
            tracing::info!(event = "spans_taken_again", collector = self.to.origin());
        }
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        Ok(response)
    }
}

impl std::fmt::Debug for CollectorClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CollectorClient({:?})", self.to)
    }
}
