//! The erase ledger: what was erased, in a file that is no part of the database or of its backups, so that
//! a backup which is brought back does not bring back what was erased after it.
//!
//! A line for each: when, the merchant's id, and the id of the card or customer. Nothing else is in it.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::StoreError;
use crate::clock::Timestamp;

/// A file that only grows.
#[derive(Clone, Debug)]
pub struct EraseLedger(PathBuf);

/// What was erased.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Erasure {
    /// Whose it was.
    pub merchant_id: String,
    /// `card_…` or `cus_…`
    pub id: String,
}

/// What a ledger holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Erasures {
    /// Oldest first.
    pub erasures: Vec<Erasure>,
    /// Lines that are none: of a write that was cut off, before anything was erased.
    pub unreadable: u64,
}

impl EraseLedger {
    /// The ledger at `path`, made if it is not there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let ledger = Self(path.to_owned());
        ledger.file()?;
        Ok(ledger)
    }

    /// Adds a line, which is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be erased.
    pub fn append(&self, erasure: &Erasure, at: Timestamp) -> Result<(), StoreError> {
        let mut file = self.file()?;
        let Erasure { merchant_id, id } = erasure;
        let line = format!("{} {merchant_id} {id}\n", at.rfc3339());
        self.told(ends_in_midline(&mut file).and_then(|is_cut| {
            // In one call, so that two verifiers' lines do not mix.
            let line = if is_cut { format!("\n{line}") } else { line };
            file.write_all(line.as_bytes())?;
            file.sync_data()
        }))
    }

    /// Everything in the ledger at `path`; nothing when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path) -> Result<Erasures, StoreError> {
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Erasures::default()),
            Err(error) => return Err(StoreError::File(path.to_owned(), error.kind())),
        };
        let mut all = Erasures::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            match parse(line) {
                Some(erasure) => all.erasures.push(erasure),
                None => all.unreadable += 1,
            }
        }
        Ok(all)
    }

    /// Opened each time: a file that was moved away is made anew, not written to where nobody looks.
    fn file(&self) -> Result<File, StoreError> {
        let is_new = !self.0.exists();
        self.told((|| {
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .read(true)
                .mode(0o600)
                .open(&self.0)?;
            if let (true, Some(folder)) = (is_new, self.0.parent()) {
                // Its name has to survive a power cut too.
                let folder = if folder.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    folder
                };
                File::open(folder)?.sync_all()?;
            }
            Ok(file)
        })())
    }

    fn told<T>(&self, result: std::io::Result<T>) -> Result<T, StoreError> {
        result.map_err(|error| StoreError::File(self.0.clone(), error.kind()))
    }
}

/// Whether the last write was cut off.
fn ends_in_midline(file: &mut File) -> std::io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn parse(line: &str) -> Option<Erasure> {
    let mut parts = line.split(' ');
    let (_at, merchant_id, id) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = parts.next().is_none()
        && merchant_id.starts_with("mch_")
        && id.split('_').next_back()?.len() == ULID_LEN;
    let is_known = id.starts_with("card_") || id.starts_with("cus_");
    (is_whole && is_known).then(|| Erasure {
        merchant_id: merchant_id.to_owned(),
        id: id.to_owned(),
    })
}

/// Characters of an id behind its prefix.
const ULID_LEN: usize = 26;

#[cfg(test)]
mod tests {
    use super::*;

    fn erasure(kind: &str) -> Erasure {
        Erasure {
            merchant_id: "mch_test_1".to_owned(),
            id: format!("{kind}_test_01kagb7tq80000000000000000"),
        }
    }

    #[test]
    fn what_was_appended_is_read_again_and_a_line_that_was_cut_off_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("waxseal.erased");
        assert_eq!(EraseLedger::read(&path).unwrap(), Erasures::default());
        let ledger = EraseLedger::open(&path).unwrap();
        let at = Timestamp::from_millis(1_795_000_000_000);
        ledger.append(&erasure("card"), at).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let cut = &whole[..whole.len() - 4];
        std::fs::write(&path, [&whole, cut].concat()).unwrap();
        ledger.append(&erasure("cus"), at).unwrap();
        let read = EraseLedger::read(&path).unwrap();
        assert_eq!(read.erasures, [erasure("card"), erasure("cus")]);
        assert_eq!(read.unreadable, 1);
    }

    #[test]
    fn a_ledger_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(EraseLedger::open(folder.path()).is_err());
        assert!(EraseLedger::open(&folder.path().join("none/waxseal.erased")).is_err());
    }
}
