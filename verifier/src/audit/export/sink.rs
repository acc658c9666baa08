//! Where entries go: a file or a syslog. Whatever it does, it delays nothing but the export.

use std::{
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UdpSocket, UnixDatagram},
    time::timeout,
};

use super::{super::disk::Disk, syslog, text};
use crate::{
    config::{ExportFormat, ExportTo},
    store::audit::listing::Logged,
};

/// How long a batch may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A place, and the connection to it.
pub(super) struct Sink {
    to: ExportTo,
    stream: Option<TcpStream>,
    disk: Disk,
}

impl Sink {
    pub(super) fn new(to: ExportTo) -> Self {
        Self {
            to,
            stream: None,
            disk: Disk::default(),
        }
    }

    /// What its position is kept under: another place begins at the beginning.
    pub(super) fn name(&self) -> String {
        match &self.to {
            ExportTo::File(path) => format!("file:{}", path.display()),
            ExportTo::Tcp(address) => format!("tcp://{address}"),
            ExportTo::Udp(address) => format!("udp://{address}"),
            ExportTo::Unix(path) => format!("unix:{}", path.display()),
        }
    }

    /// Returns when a file has them on its disk, or the system has taken all of them for a syslog.
    pub(super) async fn send(
        &mut self,
        format: ExportFormat,
        entries: &[Logged],
    ) -> io::Result<()> {
        let sent = timeout(PATIENCE, self.deliver(format, entries)).await;
        let sent = sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if sent.is_err() {
            // What was written of a message is no beginning of another.
            self.stream = None;
        }
        sent
    }

    async fn deliver(&mut self, format: ExportFormat, entries: &[Logged]) -> io::Result<()> {
        let messages = entries
            .iter()
            .map(|entry| syslog::message(entry, &text(format, entry)));
        match &self.to {
            ExportTo::File(path) => {
                let lines = entries.iter().map(|entry| text(format, entry) + "\n");
                let (path, lines): (_, String) = (path.clone(), lines.collect());
                self.disk.run(move || append_now(&path, &lines)).await
            }
            ExportTo::Tcp(address) => {
                let framed: String = messages.map(|message| syslog::counted(&message)).collect();
                write(&mut self.stream, *address, framed.as_bytes()).await
            }
            ExportTo::Udp(address) => {
                let local: SocketAddr = match address {
                    SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
                    SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
                };
                let socket = UdpSocket::bind(local).await?;
                socket.connect(address).await?;
                for message in messages {
                    socket.send(message.as_bytes()).await?;
                }
                Ok(())
            }
            ExportTo::Unix(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                for message in messages {
                    socket.send(message.as_bytes()).await?;
                }
                Ok(())
            }
        }
    }
}

async fn write(kept: &mut Option<TcpStream>, address: SocketAddr, framed: &[u8]) -> io::Result<()> {
    let stream = match kept.take().filter(is_open) {
        Some(stream) => kept.insert(stream),
        None => kept.insert(TcpStream::connect(address).await?),
    };
    stream.write_all(framed).await?;
    stream.flush().await
}

/// A collector says nothing; that it has closed is found before anything is written to it.
fn is_open(stream: &TcpStream) -> bool {
    matches!(stream.try_read(&mut [0; 64]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Opened anew each time, so that it may be rotated by renaming it.
fn append_now(path: &Path, lines: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .append(true)
        .read(true)
        .mode(0o600)
        .open(path)?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last != [b'\n'] {
        // A line that was cut off; it comes again, whole.
        file.write_all(b"\n")?;
    }
    file.write_all(lines.as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_stands_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        append_now(&path, "one\n").unwrap();
        std::fs::write(&path, "one\ntw").unwrap();
        append_now(&path, "two\nthree\n").unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "one\ntw\ntwo\nthree\n"
        );
    }
}
