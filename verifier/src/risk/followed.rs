//! A file of an operator's that is read again when it has changed.

use std::{
    fs::{self, Metadata},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// How a text is read; what is wrong with it otherwise, in words that follow the file's name.
type Parse<T> = fn(&str) -> Result<T, String>;

/// Largest file that is read: no list of networks or issuers is as large.
const MOST_BYTES: u64 = 256 << 20;

/// What a file said when it could be read last. Nothing where none is named.
#[derive(Debug)]
pub struct Followed<T> {
    /// The option that names it.
    option: &'static str,
    path: Option<PathBuf>,
    parse: Parse<T>,
    current: RwLock<Option<Arc<T>>>,
    seen: Mutex<Option<Stamp>>,
}

/// What changes with a file: its length and its time.
type Stamp = (u64, Option<std::time::SystemTime>);

/// Of a file that is not there.
const MISSING: Stamp = (u64::MAX, None);

impl<T> Followed<T> {
    /// Reads the file that the option names, if it names one.
    ///
    /// # Errors
    /// When it cannot be read, in one line.
    pub fn open(
        option: &'static str,
        path: Option<&Path>,
        parse: Parse<T>,
    ) -> Result<Self, String> {
        let followed = Self {
            option,
            path: path.map(Path::to_owned),
            parse,
            current: RwLock::new(None),
            seen: Mutex::new(None),
        };
        followed.refresh()?;
        Ok(followed)
    }

    /// What it said when it could be read last.
    pub fn current(&self) -> Option<Arc<T>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    /// Reads it again if it has changed; gives whether that was so. Blocks: not for an async thread.
    ///
    /// # Errors
    /// When it cannot be read, in one line, once for each change; what it said before stays in use.
    pub fn refresh(&self) -> Result<bool, String> {
        let Some(path) = &self.path else {
            return Ok(false);
        };
        let failed = |problem: &dyn std::fmt::Display| {
            format!("{} {}: {problem}", self.option, path.display())
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let metadata = fs::metadata(path);
        let stamp = metadata.as_ref().map_or(MISSING, stamp);
        if seen.replace(stamp) == Some(stamp) {
            return Ok(false);
        }
        let metadata = metadata.map_err(|error| failed(&error.kind()))?;
        if metadata.len() > MOST_BYTES {
            return Err(failed(&"larger than 256 MiB"));
        }
        let text = fs::read_to_string(path).map_err(|error| failed(&error.kind()))?;
        let parsed = (self.parse)(&text).map_err(|problem| failed(&problem))?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::new(parsed));
        Ok(true)
    }
}

fn stamp(metadata: &Metadata) -> Stamp {
    (metadata.len(), metadata.modified().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_followed_and_a_bad_one_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        let parse = |text: &str| {
            text.trim()
                .parse::<u32>()
                .map_err(|error| error.to_string())
        };
        assert!(Followed::open("risk.number", Some(&path), parse).is_err());
        fs::write(&path, "1").unwrap();
        let followed = Followed::open("risk.number", Some(&path), parse).unwrap();
        let current = || followed.current().map(|number| *number);
        assert_eq!((current(), followed.refresh()), (Some(1), Ok(false)));
        fs::write(&path, "22").unwrap();
        assert_eq!((followed.refresh(), current()), (Ok(true), Some(22)));
        fs::write(&path, "many").unwrap();
        let problem = followed.refresh().unwrap_err();
        assert!(problem.starts_with("risk.number /") && problem.lines().count() == 1);
        assert_eq!(
            (followed.refresh(), current()),
            (Ok(false), Some(22)),
            "told once"
        );
        fs::remove_file(&path).unwrap();
        assert!(followed.refresh().is_err());
        assert_eq!((followed.refresh(), current()), (Ok(false), Some(22)));
        fs::write(&path, "many").unwrap();
        assert!(followed.refresh().is_err(), "it is another file now");
        let none = Followed::open("risk.number", None, parse).unwrap();
        assert_eq!((none.refresh(), none.current()), (Ok(false), None));
    }
}
