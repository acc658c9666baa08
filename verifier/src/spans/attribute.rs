//! Everything that a span may say. None is of a person, and none is a text that somebody sent: they are numbers, or
//! come from lists that stand in the code.

use axum::extract::MatchedPath;
use opentelemetry::KeyValue;

/// An attribute. Names are OpenTelemetry's (semantic conventions for HTTP spans) where it has one.
pub(super) enum Attribute<'a> {
    /// The public code of a refusal, as the metrics have it.
    ErrorCode(&'static str),
    /// What the store was asked for.
    Job(&'static str),
    /// The listener.
    Listener(&'static str),
    /// The method, or `other`.
    Method(&'static str),
    /// How long a job waited before it began, in microseconds.
    QueueUs(i64),
    /// The route's template, which the router has.
    Route(&'a MatchedPath),
    /// Status of the answer.
    Status(u16),
}

impl From<Attribute<'_>> for KeyValue {
    fn from(attribute: Attribute<'_>) -> Self {
        match attribute {
            Attribute::ErrorCode(code) => Self::new("error.type", code),
            Attribute::Job(name) => Self::new("waxseal.store.job", name),
            Attribute::Listener(listener) => Self::new("waxseal.listener", listener),
            Attribute::Method(method) => Self::new("http.request.method", method),
            Attribute::QueueUs(us) => Self::new("waxseal.store.queue_us", us),
            Attribute::Route(route) => Self::new("http.route", route.as_str().to_owned()),
            Attribute::Status(status) => Self::new("http.response.status_code", i64::from(status)),
        }
    }
}
