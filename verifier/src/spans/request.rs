//! The span of a request.

use std::future::Future;

use axum::{extract::MatchedPath, http::HeaderMap};
use opentelemetry::{
    Context,
    trace::{SpanBuilder, SpanKind},
};
use opentelemetry_sdk::trace::SdkTracer;

use super::{
    attribute::Attribute,
    current::{Active, run_in},
    parent::parent,
};

/// Who makes spans.
pub struct Tracer(SdkTracer);

/// A request that is traced. Its span ends when it is dropped.
pub struct RequestSpan(Active);

/// Does `work` in the span of its request, if there is one.
pub async fn in_request<F: Future>(span: Option<&RequestSpan>, work: F) -> F::Output {
    match span {
        None => work.await,
        Some(span) => run_in(span.0.clone(), work).await,
    }
}

impl Tracer {
    /// By the SDK's.
    pub const fn new(tracer: SdkTracer) -> Self {
        Self(tracer)
    }

    /// Begins the span of a request: in the trace that its caller has begun, if `headers` are those of a caller whose
    /// word counts, or in a new one.
    pub fn request(
        &self,
        listener: &'static str,
        method: &'static str,
        route: Option<&MatchedPath>,
        headers: Option<&HeaderMap>,
    ) -> RequestSpan {
        let name = match route {
            Some(route) => format!("{method} {}", route.as_str()),
            None => method.to_owned(),
        };
        let attributes = [Attribute::Listener(listener), Attribute::Method(method)];
        let attributes = attributes.into_iter().chain(route.map(Attribute::Route));
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes.map(Into::into));
        let parent = headers.map_or_else(Context::new, parent);
        RequestSpan(Active::root(&self.0, builder, &parent))
    }
}

impl RequestSpan {
    /// Says how the request was answered, and ends. `code` is the error's, or `ok`.
    pub fn answered(self, status: u16, code: &'static str) {
        self.0.say(Attribute::Status(status));
        if code != "ok" {
            self.0.say(Attribute::ErrorCode(code));
        }
        if status >= 500 {
            self.0.failed();
        }
    }
}
