//! A bounded queue of spans, and the task that sends them.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanExporter, SpanProcessor},
};
use tokio::{
    sync::{
        Notify,
        mpsc::{Receiver, Sender, channel},
    },
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Spans that may wait, some kilobytes each at most.
const QUEUE: usize = 4096;
/// Spans in one call.
const BATCH: usize = 512;
/// How long a span waits for others.
const GATHER: Duration = Duration::from_secs(1);

/// Takes spans as they end. It never waits: what does not fit is dropped and counted.
#[derive(Debug)]
pub(super) struct Queue(Sender<SpanData>);

/// The task that sends them.
pub(super) struct Batches {
    stop: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Batches {
    pub(super) fn start(exporter: impl SpanExporter + 'static) -> (Queue, Self) {
        let (sender, receiver) = channel(QUEUE);
        let stop = Arc::new(Notify::new());
        let task = tokio::spawn(run(receiver, exporter, Arc::clone(&stop)));
        let task = Mutex::new(Some(task));
        (Queue(sender), Self { stop, task })
    }

    pub(super) async fn stop(&self, within: Duration) {
        self.stop.notify_one();
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(mut task) = task
            && timeout(within, &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if self.0.try_send(span).is_err() {
            dropped("queue", 1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Until told to stop, and then until everything that waited has been tried once.
async fn run(mut spans: Receiver<SpanData>, exporter: impl SpanExporter, stop: Arc<Notify>) {
    let mut is_last = false;
    loop {
        let mut batch = Vec::new();
        let mut gathered = pin!(sleep(GATHER));
        while batch.len() < BATCH {
            let room = BATCH - batch.len();
            tokio::select! {
                received = spans.recv_many(&mut batch, room) => {
                    // Closed and empty.
                    if received == 0 {
                        is_last = true;
                        break;
                    }
                }
                () = &mut gathered, if !batch.is_empty() => break,
                () = stop.notified() => spans.close(),
            }
        }
        if !batch.is_empty() {
            send(&exporter, batch).await;
        }
        if is_last {
            break;
        }
    }
}

async fn send(exporter: &impl SpanExporter, batch: Vec<SpanData>) {
    let spans = batch.len() as u64;
    match exporter.export(batch).await {
        Ok(()) => metrics::counter!("waxseal_spans_sent_total").increment(spans),
        Err(_) => dropped("collector", spans),
    }
}

fn dropped(reason: &'static str, spans: u64) {
    metrics::counter!("waxseal_spans_dropped_total", "reason" => reason).increment(spans);
}
