//! A file of sealed records, under another name until it is whole.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A file that is being written. What a run that was stopped left under the other name is written over.
pub(super) struct SealedFile {
    target: PathBuf,
    partial: PathBuf,
    out: BufWriter<File>,
}

impl SealedFile {
    /// # Errors
    /// When the file is there already, or cannot be made.
    pub(super) fn create(target: &Path) -> Result<Self, String> {
        if target.exists() {
            return Err(format!("{} is there already", target.display()));
        }
        let mut partial = target.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let opened = remove(&partial).and_then(|()| {
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&partial)
        });
        let out = opened.map_err(|error| format!("{}: {error}", partial.display()))?;
        Ok(Self {
            target: target.to_owned(),
            out: BufWriter::new(out),
            partial,
        })
    }

    pub(super) fn write(&mut self, record: &str) -> io::Result<()> {
        self.out.write_all(record.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Gives the file its name.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        std::fs::rename(&self.partial, &self.target)
    }

    /// Leaves nothing behind.
    pub(super) fn discard(self) -> io::Result<()> {
        std::fs::remove_file(&self.partial)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
