//! The span of a job for the store.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use super::{
    attribute::Attribute,
    current::{Span, child},
};

/// A job that was sent. Its span ends when it is dropped.
pub struct StoreSpan(Option<Sent>);

struct Sent {
    span: Span,
    at: Instant,
    begun: Arc<OnceLock<Instant>>,
}

/// Goes with the job, to say when it began.
pub struct Begun(Option<Arc<OnceLock<Instant>>>);

/// Begins the span `name` of a job, if the request is traced; `job` names what is done.
pub fn store(name: &'static str, job: impl FnOnce() -> &'static str) -> StoreSpan {
    let span = child(name);
    if let Some(active) = &span.0 {
        active.say(Attribute::Job(job()));
    }
    StoreSpan(span.0.is_some().then(|| Sent {
        span,
        at: Instant::now(),
        begun: Arc::default(),
    }))
}

/// A closure's place in the source, for what has no other name: the function that it is written in.
pub fn short_name<F>() -> &'static str {
    let name = std::any::type_name::<F>();
    let name = name.split("::{{closure}}").next().unwrap_or(name);
    name.strip_prefix("waxseal_verifier::").unwrap_or(name)
}

impl StoreSpan {
    /// What goes with the job.
    pub fn begun(&self) -> Begun {
        Begun(self.0.as_ref().map(|sent| Arc::clone(&sent.begun)))
    }

    /// Says how long the job waited and whether it went well, and ends.
    ///
    /// # Errors
    /// Those of `result`.
    pub fn ended<T, E>(self, result: Result<T, E>) -> Result<T, E> {
        if let Some(Sent { span, at, begun }) = self.0
            && let Some(active) = span.0
        {
            if let Some(begun) = begun.get() {
                let waited = begun.saturating_duration_since(at).as_micros();
                let waited = i64::try_from(waited).unwrap_or(i64::MAX);
                active.say(Attribute::QueueUs(waited));
            }
            if result.is_err() {
                active.failed();
            }
        }
        result
    }
}

impl Begun {
    /// It begins now. Of a job that is run again, the first time counts.
    pub fn mark(&self) {
        if let Some(begun) = &self.0 {
            begun.get_or_init(Instant::now);
        }
    }
}
