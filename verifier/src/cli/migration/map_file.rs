//! The token map on disk: for its owner only, one import at a time, never behind what it says.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::vault::migration::{self, Outcome, Progress};

/// A map that is being written.
pub(super) struct MapFile {
    file: File,
    batch: String,
    progress: Progress,
}

impl MapFile {
    /// Makes the map of `batch`, or opens one to go on with.
    ///
    /// # Errors
    /// In one line that says what to do.
    pub(super) fn open(path: &Path, batch: &str) -> Result<Self, String> {
        let failed = |error: io::Error| {
            let problem = match error.kind() {
                io::ErrorKind::InvalidData => "is no map of this file: name another one".to_owned(),
                io::ErrorKind::WouldBlock => "another import writes it: wait for that".to_owned(),
                _ => error.to_string(),
            };
            format!("{}: {problem}", path.display())
        };
        Self::resume(path, batch).map_err(failed)
    }

    fn resume(path: &Path, batch: &str) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        file.try_lock().map_err(io::Error::from)?;
        let progress = migration::read_map(BufReader::new(&file), batch)?;
        file.set_len(progress.bytes)?;
        file.seek(SeekFrom::Start(progress.bytes))?;
        Ok(Self {
            file,
            batch: batch.to_owned(),
            progress,
        })
    }

    /// Appends the lines of the next records, for good.
    pub(super) fn append(&mut self, outcomes: &[Outcome]) -> io::Result<()> {
        let mut text = String::new();
        for outcome in outcomes {
            self.progress.lines += 1;
            self.progress.refused += u64::from(matches!(outcome, Outcome::Refused(_)));
            text += &migration::map_line(&self.batch, self.progress.lines, outcome)?;
        }
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()
    }

    pub(super) const fn progress(&self) -> Progress {
        self.progress
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::vault::migration::RecordError;

    fn refused() -> Outcome {
        Outcome::Refused(RecordError::Malformed.into())
    }

    #[test]
    fn half_a_line_gives_way_to_a_shorter_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map");
        MapFile::open(&path, "b")
            .unwrap()
            .append(&[refused()])
            .unwrap();
        let first = fs::read_to_string(&path).unwrap();
        fs::write(&path, first.clone() + &"x".repeat(1000)).unwrap();

        let mut map = MapFile::open(&path, "b").unwrap();
        assert_eq!(map.progress().lines, 1);
        map.append(&[refused()]).unwrap();
        let second = first.replace("\"line\":1", "\"line\":2");
        assert_eq!(fs::read_to_string(&path).unwrap(), first + &second);
    }
}
