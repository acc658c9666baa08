//! A thread for files on disks that may hang: one, however long that takes. Tasks and the threads that others need
//! are not held by it, and the process ends without it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Does one thing at a time.
#[derive(Default)]
pub(super) struct Disk {
    thread: Option<SyncSender<Work>>,
    is_busy: Arc<AtomicBool>,
}

impl Disk {
    /// Does `work`. Whoever stops waiting leaves it to the thread.
    ///
    /// # Errors
    /// The work's own; [`io::ErrorKind::TimedOut`] while what was left to the thread is not done.
    pub(super) async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        if self.is_busy.swap(true, Ordering::AcqRel) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let is_busy = Arc::clone(&self.is_busy);
        let (sender, answer) = oneshot::channel();
        let work: Work = Box::new(move || {
            let done = work();
            is_busy.store(false, Ordering::Release);
            // Whoever waited may have given up.
            drop(sender.send(done));
        });
        let sent = self.thread().and_then(|thread| {
            let sent = thread.try_send(work);
            sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
        });
        if let Err(error) = sent {
            self.thread = None;
            self.is_busy.store(false, Ordering::Release);
            return Err(error);
        }
        answer
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }

    fn thread(&mut self) -> io::Result<&SyncSender<Work>> {
        if self.thread.is_none() {
            let (sender, receiver) = sync_channel::<Work>(1);
            thread::Builder::new()
                .name("audit-disk".to_owned())
                .spawn(move || receiver.iter().for_each(|work| work()))?;
            self.thread = Some(sender);
        }
        self.thread
            .as_ref()
            .ok_or_else(|| io::ErrorKind::Other.into())
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc::channel, time::Duration};

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_disk_that_hangs_holds_one_thread_and_is_used_again_once_it_does_not() {
        let mut disk = Disk::default();
        assert_eq!(disk.run(|| Ok(1)).await.unwrap(), 1);
        let (release, hangs) = channel::<()>();
        let hung = disk.run(move || {
            hangs.recv().unwrap();
            Ok(())
        });
        assert!(timeout(Duration::from_millis(20), hung).await.is_err());
        for _ in 0..3 {
            let error = disk.run(|| Ok(())).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        }
        release.send(()).unwrap();
        while disk.is_busy.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        assert_eq!(disk.run(|| Ok(2)).await.unwrap(), 2);
    }
}
