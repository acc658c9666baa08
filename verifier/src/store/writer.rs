//! The writer threads, whichever the engine: one, but where PostgreSQL is asked to have more.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel},
    thread,
    time::Instant,
};

use tokio::sync::oneshot;

use super::{
    StoreError,
    job::{Alone, Grouped, Job, Touches, Tx},
};

/// Jobs that may wait; beyond that the caller is told that the store is busy.
const QUEUE: usize = 4096;

/// What the writer is told.
enum Message {
    Close(oneshot::Sender<()>),
    Run(Box<dyn Job>),
}

/// What carries jobs out and commits them.
pub(super) trait Engine: Send + 'static {
    /// Runs `jobs`, of which there is one at least, in as few transactions as it can; takes further ones from
    /// `more` as long as that is worth it; answers each after its commit.
    fn run(&mut self, jobs: Box<dyn Job>, more: &mut dyn FnMut() -> Option<Box<dyn Job>>);
    /// Nothing comes any more.
    fn close(&mut self);
}

/// One thread for each engine that it was started with; a job goes to the next of them.
pub(super) struct Writer {
    threads: Vec<SyncSender<Message>>,
    next: AtomicUsize,
}

impl Writer {
    pub(super) fn start(
        engines: impl IntoIterator<Item = impl Engine>,
    ) -> Result<Self, StoreError> {
        let threads = engines.into_iter().map(|engine| {
            let (sender, receiver) = sync_channel(QUEUE);
            thread::Builder::new()
                .name("store-writer".to_owned())
                .spawn(move || serve(engine, &receiver))
                .map_err(|_| StoreError::Closed)?;
            Ok(sender)
        });
        Ok(Self {
            threads: threads.collect::<Result<_, StoreError>>()?,
            next: AtomicUsize::new(0),
        })
    }

    pub(super) async fn run<T, F>(&self, name: &'static str, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        self.send(Box::new(Alone {
            name,
            job: Some(job),
            result: Err(StoreError::Closed),
            caller,
        }))?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    pub(super) async fn run_grouped<T, F>(
        &self,
        name: &'static str,
        touches: Touches,
        job: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        self.send(Box::new(Grouped {
            name,
            job,
            touches,
            result: Err(StoreError::Closed),
            caller,
        }))?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Returns when everything that was sent before is written.
    pub(super) async fn close(&self) {
        for thread in &self.threads {
            let (sender, receiver) = oneshot::channel();
            if thread.try_send(Message::Close(sender)).is_ok() {
                // No answer means that it is gone already.
                drop(receiver.await);
            }
        }
    }

    fn send(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.threads.len();
        let sent = self.threads[next].try_send(Message::Run(job));
        sent.map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        metrics::gauge!("waxseal_store_jobs_waiting").increment(1.0);
        Ok(())
    }
}

fn serve(mut engine: impl Engine, messages: &Receiver<Message>) {
    let mut closing = None;
    while closing.is_none() {
        match messages.recv() {
            Ok(Message::Close(sender)) => closing = Some(sender),
            Ok(Message::Run(first)) => {
                let started = Instant::now();
                let mut taken = 1.0;
                engine.run(first, &mut || {
                    // What comes behind the message to close is not run: its caller is told so.
                    if closing.is_some() {
                        return None;
                    }
                    match messages.try_recv() {
                        Ok(Message::Run(job)) => {
                            taken += 1.0;
                            Some(job)
                        }
                        Ok(Message::Close(sender)) => {
                            closing = Some(sender);
                            None
                        }
                        Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
                    }
                });
                metrics::gauge!("waxseal_store_jobs_waiting").decrement(taken);
                let elapsed = started.elapsed().as_secs_f64();
                metrics::histogram!("waxseal_store_commit_seconds").record(elapsed);
            }
            Err(_) => break,
        }
    }
    engine.close();
    if let Some(sender) = closing {
        // Who waited may have gone away.
        let _ = sender.send(());
    }
}
