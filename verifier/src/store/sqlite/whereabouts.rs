//! Whether the database file is where it was opened.
//!
//! SQLite goes on writing to a file that was moved away or replaced: what is answered then lies where
//! the next start does not look.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::super::StoreError;

/// A file and its path.
pub(super) struct Whereabouts {
    path: PathBuf,
    /// Device and inode.
    file: (u64, u64),
}

impl Whereabouts {
    /// Of the file that is at `path` now.
    pub(super) fn of(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            file: file_at(path)?,
        })
    }

    /// Fails when the path leads to another file, or to none.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match file_at(&self.path) {
            Ok(file) if file == self.file => Ok(()),
            _ => Err(StoreError::Moved(self.path.clone())),
        }
    }
}

fn file_at(path: &Path) -> Result<(u64, u64), StoreError> {
    let metadata = std::fs::metadata(path);
    let metadata = metadata.map_err(|error| StoreError::File(path.to_owned(), error.kind()))?;
    Ok((metadata.dev(), metadata.ino()))
}
