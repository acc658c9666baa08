//! From spans to a collector (OTLP over HTTP with protobuf), off the path of requests.

mod batch;
mod client;

use std::time::Duration;

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider, SpanExporter},
};

use self::{
    batch::{Batches, Queue},
    client::CollectorClient,
};
use crate::{
    config,
    outbound::{Destination, Outbound},
    spans::Tracer,
};

/// How long the end of the process waits for the last spans.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// Who makes spans, and where they go.
pub struct Telemetry {
    tracer: Tracer,
    batches: Batches,
    /// Who drops it ends what it has begun.
    _provider: SdkTracerProvider,
}

impl Telemetry {
    /// As the configuration has it: nothing at all, if it names no collector.
    ///
    /// # Errors
    /// When its URL may not be called, in one line that says what to do.
    pub fn start(config: &config::Telemetry, outbound: &Outbound) -> Result<Option<Self>, String> {
        let Some(endpoint) = &config.otlp_endpoint else {
            return Ok(None);
        };
        let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let to = Destination::parse(&url)
            .map_err(|error| format!("telemetry.otlp_endpoint: {error}"))?;
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", config.service_name.clone()),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build();
        let mut exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(to.as_str())
            .with_http_client(CollectorClient::new(outbound.clone(), to.clone()))
            // Its pauses would hold a thread of the runtime; what is not taken is dropped.
            .with_retry_policy(RetryPolicy::default().with_max_retries(0))
            .build()
            .map_err(|error| format!("telemetry: {error}"))?;
        exporter.set_resource(&resource);
        let (queue, batches) = Batches::start(exporter);
        let sampler = Sampler::TraceIdRatioBased(config.sample_ratio);
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(Sampler::ParentBased(Box::new(sampler)))
            .with_span_processor::<Queue>(queue)
            .build();
        Ok(Some(Self {
            tracer: Tracer::new(provider.tracer("waxseal-verifier")),
            batches,
            _provider: provider,
        }))
    }

    /// Who makes spans.
    pub const fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// Sends what waits, within [`STOP_WITHIN`]; what is left then is lost.
    pub async fn stop(&self) {
        self.batches.stop(STOP_WITHIN).await;
    }
}
