//! A collector of traces on the loopback (OTLP over HTTP), that keeps what it is sent.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
    routing::post,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;
use tokio::{net::TcpListener, runtime::Builder, sync::oneshot};
use waxseal_verifier::config::Config;

use crate::Installation;

/// Long enough for a busy machine, and for spans to be gathered.
const SENT_WITHIN: Duration = Duration::from_secs(20);

/// It stops when it is dropped.
pub struct Collector {
    /// What a verifier's `telemetry.otlp_endpoint` has to be.
    pub url: String,
    got: Got,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Bodies that it was sent.
type Got = Arc<Mutex<Vec<Bytes>>>;

impl Collector {
    /// One that answers.
    pub fn start() -> Self {
        Self::start_with(false)
    }

    /// One that takes connections and never answers.
    pub fn start_silent() -> Self {
        Self::start_with(true)
    }

    fn start_with(is_silent: bool) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (address, announced) = channel();
        let got = Got::default();
        let kept = Arc::clone(&got);
        // Of its own, so that tests without a runtime have one too.
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = serve(kept, is_silent, address) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            url: announced.recv().unwrap(),
            got,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Has a verifier send its traces here.
    pub fn configure(&self, config: &mut Config) {
        config.telemetry.otlp_endpoint = Some(self.url.clone());
        config.outbound.private_networks = vec!["127.0.0.1/32".parse().unwrap()];
        config.outbound.plain_http_on_loopback = true;
    }

    /// The same, for a verifier that is a process of its own.
    pub fn set_options(&self, installation: &mut Installation) {
        for (option, value) in [
            ("TELEMETRY__OTLP_ENDPOINT", self.url.as_str()),
            ("OUTBOUND__PRIVATE_NETWORKS", "[\"127.0.0.1/32\"]"),
            ("OUTBOUND__PLAIN_HTTP_ON_LOOPBACK", "true"),
        ] {
            installation.set(option, value);
        }
    }

    /// All bodies so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.got.lock().unwrap().concat()
    }

    /// Calls so far.
    pub fn calls(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let got = self.got.lock().unwrap();
        let decoded = got.iter().map(|body| Message::decode(&body[..]));
        decoded.map(|request| request.expect("OTLP")).collect()
    }

    /// Every span so far.
    pub fn spans(&self) -> Vec<Span> {
        let resources = self.requests().into_iter();
        let scopes = resources
            .flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// Waits for a span of this name, and gives all that have come.
    pub async fn spans_with(&self, name: &str) -> Vec<Span> {
        let started = Instant::now();
        loop {
            let spans = self.spans();
            if spans.iter().any(|span| span.name == name) {
                return spans;
            }
            assert!(started.elapsed() < SENT_WITHIN, "no {name} in {spans:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // It may have ended by itself, with a panic that its test has seen by then.
        drop(self.stop.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// Name and value of each attribute, as text.
pub fn attributes(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let one = |attribute: &KeyValue| {
        let value = attribute.value.as_ref().and_then(|any| any.value.as_ref());
        let value = match value {
            Some(Value::StringValue(text)) => text.clone(),
            Some(Value::IntValue(number)) => number.to_string(),
            other => panic!("{other:?}"),
        };
        (attribute.key.clone(), value)
    };
    let mut all: Vec<_> = attributes.iter().map(one).collect();
    all.sort();
    all
}

async fn serve(got: Got, is_silent: bool, address: Sender<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let take = move |State(got): State<Got>, headers: HeaderMap, body: Bytes| async move {
        assert_eq!(headers[CONTENT_TYPE], "application/x-protobuf");
        got.lock().unwrap().push(body);
        if is_silent {
            std::future::pending::<()>().await;
        }
    };
    let router = Router::new()
        .route("/v1/traces", post(take))
        .with_state(got);
    address.send(url).unwrap();
    axum::serve(listener, router).await.unwrap();
}
