//! Files of an authority and of what it certifies.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use zeroize::Zeroizing;

use super::PkiError;

pub(super) const PRIVATE: u32 = 0o600;
pub(super) const PUBLIC: u32 = 0o644;

/// Writes a file that must not be there yet.
pub(super) fn create(path: &Path, text: &str, mode: u32) -> Result<(), PkiError> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path);
    let written = file.and_then(|file| write(file, text));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => failed(
            path,
            &"is there already: `verifier pki renew` makes a certificate anew, `pki issue --out` another \
              one, `pki init --dir` another authority",
        ),
        _ => failed(path, &error),
    })
}

/// Puts a whole file in the place of one that may be there; whoever reads it sees the one or the other.
pub(super) fn replace(path: &Path, text: &str, mode: u32) -> Result<(), PkiError> {
    let next = with_suffix(path, ".new");
    // What is there, such as what another command left or somebody else put there, would keep its mode, or lead
    // elsewhere.
    let removed = match std::fs::remove_file(&next) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    let file = removed.and_then(|()| {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode).open(&next)
    });
    let written = file
        .and_then(|file| write(file, text))
        .and_then(|()| std::fs::rename(&next, path));
    written.map_err(|error| failed(path, &error))
}

fn write(mut file: File, text: &str) -> std::io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, PkiError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    text.map_err(|error| failed(path, &error))
}

/// The first certificate of a PEM file.
pub(super) fn certificate(path: &Path) -> Result<CertificateDer<'static>, PkiError> {
    let text = read(path)?;
    let certificate = CertificateDer::from_pem_slice(text.as_bytes());
    certificate.map_err(|_| failed(path, &"holds no certificate in PEM form"))
}

pub(super) fn failed(path: &Path, problem: &dyn std::fmt::Display) -> PkiError {
    PkiError::new(format!("{}: {problem}", path.display()))
}

/// A host's name has dots of its own, so no extension is replaced.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_lies_in_the_way_is_neither_followed_nor_kept() {
        let folder = tempfile::tempdir().unwrap();
        let [key, next, elsewhere] =
            ["a.key", "a.key.new", "elsewhere"].map(|name| folder.path().join(name));
        std::fs::write(&elsewhere, "theirs").unwrap();
        for is_link in [false, true] {
            match is_link {
                true => symlink(&elsewhere, &next).unwrap(),
                false => {
                    std::fs::write(&next, "").unwrap();
                    std::fs::set_permissions(&next, PermissionsExt::from_mode(0o666)).unwrap();
                }
            }
            replace(&key, "secret", PRIVATE).unwrap();
            let metadata = std::fs::symlink_metadata(&key).unwrap();
            assert!(metadata.is_file());
            assert_eq!(metadata.permissions().mode() & 0o777, PRIVATE);
            assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "theirs");
        }
    }
}
