//! The span that the running task is in.

use std::future::Future;

use opentelemetry::{
    Context,
    trace::{SpanBuilder, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

use super::attribute::Attribute;

tokio::task_local! {
    static CURRENT: Active;
}

/// A span, and who makes others in it. It ends with its last clone.
#[derive(Clone)]
pub(super) struct Active {
    pub(super) tracer: SdkTracer,
    pub(super) context: Context,
}

/// A span that ends when it is dropped; none at all, if the request is not traced.
#[must_use]
pub struct Span(pub(super) Option<Active>);

/// Begins a span of work that has none in it.
pub fn child(name: &'static str) -> Span {
    Span(CURRENT.try_with(|parent| parent.child(name)).ok())
}

/// Does `work` in a span of its own.
pub async fn within<F: Future>(name: &'static str, work: F) -> F::Output {
    match child(name).0 {
        None => work.await,
        Some(active) => run_in(active, work).await,
    }
}

pub(super) async fn run_in<F: Future>(active: Active, work: F) -> F::Output {
    CURRENT.scope(active, work).await
}

impl Active {
    fn child(&self, name: &'static str) -> Self {
        self.begin(
            SpanBuilder::from_name(name).with_kind(SpanKind::Internal),
            &self.context,
        )
    }

    fn begin(&self, builder: SpanBuilder, parent: &Context) -> Self {
        Self::root(&self.tracer, builder, parent)
    }

    pub(super) fn root(tracer: &SdkTracer, builder: SpanBuilder, parent: &Context) -> Self {
        let span = tracer.build_with_context(builder, parent);
        Self {
            tracer: tracer.clone(),
            context: parent.with_span(span),
        }
    }

    pub(super) fn say(&self, attribute: Attribute<'_>) {
        self.context.span().set_attribute(attribute.into());
    }

    pub(super) fn failed(&self) {
        self.context.span().set_status(Status::error(""));
    }
}
