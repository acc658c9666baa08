//! The relay's sockets.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{conversation::Conversation, exchange::WireLog};

const MAX_CONNECTIONS: usize = 512;
const CHUNK_BYTES: usize = 16 * 1024;
/// Pause after a failed accept (too many open files), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Listens in place of the verifier's public listener and passes everything on to it.
#[derive(Debug)]
pub struct Relay {
    listener: TcpListener,
    upstream: SocketAddr,
    log: Arc<WireLog>,
}

impl Relay {
    /// Binds `listen`, to relay to `upstream`.
    ///
    /// # Errors
    /// When either address is not loopback, or `listen` is taken.
    pub async fn bind(
        listen: SocketAddr,
        upstream: SocketAddr,
        log: Arc<WireLog>,
    ) -> io::Result<Self> {
        if !listen.ip().is_loopback() || !upstream.ip().is_loopback() {
            let reason = "the relay is for the demo: both its addresses must be loopback";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        Ok(Self {
            listener: TcpListener::bind(listen).await?,
            upstream,
            log,
        })
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Relays until the task is dropped.
    pub async fn run(self) {
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            match self.listener.accept().await {
                Ok((browser, _)) => {
                    let conversation = Conversation::new(Arc::clone(&self.log));
                    let upstream = self.upstream;
                    tokio::spawn(async move {
                        if let Err(error) = relay(browser, upstream, &conversation).await {
                            tracing::debug!(%error, "a relayed connection ended early");
                        }
                        drop(slot);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the relay could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

async fn relay(
    mut browser: TcpStream,
    upstream: SocketAddr,
    conversation: &Conversation,
) -> io::Result<()> {
    let mut verifier = TcpStream::connect(upstream).await?;
    // Two Nagle timers in a row would be felt.
    browser.set_nodelay(true)?;
    verifier.set_nodelay(true)?;
    let (mut from_browser, mut to_browser) = browser.split();
    let (mut from_verifier, mut to_verifier) = verifier.split();
    // The verifier refuses a body that is too large before it has read it: the browser still has to
    // get the answer, and not the reset that comes behind it.
    let (sent, answered) = tokio::join!(
        pump(&mut from_browser, &mut to_verifier, |bytes| conversation
            .sent(bytes)),
        pump(&mut from_verifier, &mut to_browser, |bytes| conversation
            .answered(bytes)),
    );
    sent.and(answered)
}

/// Copies until the end of the stream and closes the other side's. Looks first and passes on then,
/// so that an answer is in the log before its receiver can ask for it.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    look: impl Fn(&[u8]),
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        look(&chunk[..length]);
        to.write_all(&chunk[..length]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "127.0.0.1:0";

    async fn bind(upstream: SocketAddr) -> (Relay, Arc<WireLog>) {
        let log = Arc::new(WireLog::default());
        let relay = Relay::bind(LOOPBACK.parse().unwrap(), upstream, Arc::clone(&log));
        (relay.await.unwrap(), log)
    }

    /// An upstream that answers each connection's first bytes with `answer` and reports the bytes.
    async fn upstream(answer: Vec<u8>) -> (SocketAddr, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind(LOOPBACK).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut read, mut write) = stream.split();
            let mut heard = Vec::new();
            let listen = read.read_to_end(&mut heard);
            let speak = async {
                write.write_all(&answer).await?;
                write.shutdown().await
            };
            tokio::try_join!(async { listen.await.map(drop) }, speak).unwrap();
            heard
        });
        (address, task)
    }

    #[tokio::test]
    async fn every_byte_passes_unchanged_in_both_directions() {
        let to_verifier: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let to_browser: Vec<u8> = to_verifier.iter().rev().copied().collect();
        let (address, heard) = upstream(to_browser.clone()).await;
        let (relay, _) = bind(address).await;
        let relay_address = relay.local_addr().unwrap();
        let task = tokio::spawn(relay.run());

        let mut browser = TcpStream::connect(relay_address).await.unwrap();
        let (mut read, mut write) = browser.split();
        let mut answer = Vec::new();
        let speak = async {
            write.write_all(&to_verifier).await?;
            write.shutdown().await
        };
        let listen = async { read.read_to_end(&mut answer).await.map(drop) };
        tokio::try_join!(speak, listen).unwrap();
        assert!(heard.await.unwrap() == to_verifier);
        assert!(answer == to_browser);
        task.abort();
    }

    #[tokio::test]
    async fn it_serves_this_machine_only() {
        let local: SocketAddr = LOOPBACK.parse().unwrap();
        let anyone: SocketAddr = "0.0.0.0:0".parse().unwrap();
        for (listen, upstream) in [(anyone, local), (local, "192.0.2.1:80".parse().unwrap())] {
            assert!(Relay::bind(listen, upstream, Arc::default()).await.is_err());
        }
    }
}
