//! The file that signed roots go to besides the database: what has been cut off or changed there is found by it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::disk::Disk;
use crate::{
    clock::Timestamp,
    store::{
        RowId, Store, StoreError,
        audit::{
            chain::Place,
            roots::{self, Head, Root},
        },
    },
};

/// Bytes of the file that are read at first: a line is mostly shorter.
const TAIL: u64 = 64 * 1024;
/// How long the disk may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A root as a line of a file: JSON.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    number: u64,
    signed: String,
    moved: Vec<(String, u8, u64, String)>,
}

/// A file of roots, a line each. A disk that hangs keeps nobody but whoever writes this file waiting.
pub struct RootFile {
    path: PathBuf,
    disk: Disk,
}

impl RootFile {
    /// The file at `path`, which is opened anew each time.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            disk: Disk::default(),
        }
    }

    /// Appends every root that the file does not have yet, and returns when they are on the disk. A line that was cut
    /// off while it was written is written again.
    ///
    /// # Errors
    /// When the store fails, or the file cannot be written or does not answer in time.
    pub async fn follow(&mut self, store: &Store) -> Result<(), StoreError> {
        let path = self.path.clone();
        let read = self.on_disk(move || {
            let (whole, last) = last_line(&mut open(&path)?)?;
            let last = str::from_utf8(&last).ok().and_then(parse_line);
            Ok((whole, last.map_or(0, |root| root.number)))
        });
        let (whole, number) = read.await?;
        let roots = store.read(move |connection| roots::behind(connection, number));
        let mut lines = String::new();
        for root in roots.await? {
            lines.push_str(&Self::line(&root));
            lines.push('\n');
        }
        if lines.is_empty() {
            return Ok(());
        }
        let path = self.path.clone();
        let written = self.on_disk(move || {
            let mut file = open(&path)?;
            file.set_len(whole)?;
            file.seek(SeekFrom::End(0))?;
            file.write_all(lines.as_bytes())?;
            file.sync_all()
        });
        written.await
    }

    async fn on_disk<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = timeout(PATIENCE, self.disk.run(work)).await;
        let done = done.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        done.map_err(|error| StoreError::File(self.path.clone(), error.kind()))
    }

    /// A root as its line, without the line's end.
    pub fn line(root: &Root) -> String {
        let moved = root.moved.iter().map(|head| {
            (
                URL_SAFE_NO_PAD.encode(head.place.merchant.as_bytes()),
                head.place.chain,
                head.place.seq,
                URL_SAFE_NO_PAD.encode(head.hash),
            )
        });
        let line = Line {
            number: root.number,
            signed: root.signed.clone(),
            moved: moved.collect(),
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// The roots of a file's text. A last line without an end was cut off while it was written, and is none.
    ///
    /// # Errors
    /// The number of a line that is none.
    pub fn parse(text: &str) -> Result<Vec<Root>, usize> {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole
            .lines()
            .enumerate()
            .map(|(at, line)| parse_line(line).ok_or(at + 1))
            .collect()
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(path)
}

/// Where the whole lines of a file end, and the last of them. Of the file no more is read than that takes: it grows for
/// ever.
fn last_line(file: &mut (impl Read + Seek)) -> io::Result<(u64, Vec<u8>)> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut most = TAIL;
    loop {
        let from = length.saturating_sub(most);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.by_ref().take(length - from).read_to_end(&mut tail)?;
        let is_end = |byte: &u8| *byte == b'\n';
        if let Some(end) = tail.iter().rposition(is_end) {
            let begin = tail[..end].iter().rposition(is_end).map(|at| at + 1);
            if let Some(begin) = begin.or_else(|| (from == 0).then_some(0)) {
                return Ok((from + end as u64 + 1, tail[begin..end].to_vec()));
            }
        } else if from == 0 {
            return Ok((0, Vec::new()));
        }
        most = most.saturating_mul(4);
    }
}

fn parse_line(line: &str) -> Option<Root> {
    let Line {
        number,
        signed,
        moved,
    } = serde_json::from_str(line).ok()?;
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let head = |(merchant, chain, seq, hash): &(String, u8, u64, String)| {
        let merchant: [u8; 16] = bytes(merchant)?.try_into().ok()?;
        Some(Head {
            place: Place {
                merchant: RowId::from(merchant),
                chain: *chain,
                seq: *seq,
            },
            hash: bytes(hash)?.try_into().ok()?,
        })
    };
    Some(Root {
        number,
        // What is signed says it.
        at: Timestamp::from_millis(0),
        kid: String::new(),
        moved: moved.iter().map(head).collect::<Option<_>>()?,
        signed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_line_is_found_from_the_end_however_long_it_is() {
        let long = "a".repeat(3 * 64 * 1024);
        for (text, whole, last) in [
            (String::new(), 0, ""),
            ("cut off".to_owned(), 0, ""),
            ("one\n".to_owned(), 4, "one"),
            ("one\ntwo\nth".to_owned(), 8, "two"),
            (
                format!("{long}\n{long}\nx"),
                2 * long.len() + 2,
                long.as_str(),
            ),
            (format!("one\n{long}"), 4, "one"),
        ] {
            let found = last_line(&mut io::Cursor::new(text)).unwrap();
            assert_eq!(found, (whole as u64, last.as_bytes().to_vec()));
        }
    }
}
