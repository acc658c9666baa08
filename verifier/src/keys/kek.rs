//! The key-encryption key and its file.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::rng::Rng;

const FORMAT: &str = "waxseal-kek-1";

/// A 256-bit AES key that wraps all others.
pub struct Kek {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

/// A key file that cannot be used, in one line that says what to do.
#[derive(Debug)]
pub struct KekError(String);

impl std::fmt::Display for KekError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KekError {}

impl std::fmt::Debug for Kek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kek")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: String,
    id: String,
    key: String,
}

impl Kek {
    /// Makes a key and writes it to a new file at `path`, mode 0600.
    ///
    /// # Errors
    /// When the file exists or cannot be written, or the generator fails.
    pub fn create(path: &Path, rng: &dyn Rng) -> Result<Self, KekError> {
        let failed = |what: &str| KekError(format!("key file {}: {what}", path.display()));
        let random = || failed("the random number generator failed");
        let key = Zeroizing::new(rng.array::<32>().map_err(|_| random())?);
        let id = URL_SAFE_NO_PAD.encode(rng.array::<9>().map_err(|_| random())?);
        let mut file = KeyFile {
            format: FORMAT.to_owned(),
            id: id.clone(),
            // EXPOSE: the key file is where the KEK lies.
            key: URL_SAFE_NO_PAD.encode(*key),
        };
        let text = serde_json::to_vec_pretty(&file).map(Zeroizing::new);
        file.key.zeroize();
        let text = text.map_err(|error| failed(&error.to_string()))?;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut out| {
                out.write_all(&text)?;
                out.sync_all()
            })
            .map_err(|error| failed(&error.to_string()))?;
        Ok(Self { id, key })
    }

    /// Reads the key file at `path`.
    ///
    /// # Errors
    /// When it is missing, readable by others than its owner, or not a key file.
    pub fn load(path: &Path) -> Result<Self, KekError> {
        let failed = |what: &str| KekError(format!("key file {}: {what}", path.display()));
        let file = File::open(path).map_err(|error| failed(&error.to_string()))?;
        let metadata = file
            .metadata()
            .map_err(|error| failed(&error.to_string()))?;
        if !metadata.is_file() {
            return Err(failed("not a regular file"));
        }
        if metadata.mode() & 0o077 != 0 {
            return Err(failed("others than its owner may read it: chmod 600 it"));
        }
        // Whoever owns it can read it, whatever its mode.
        if !is_trusted(metadata.uid(), rustix::process::geteuid().as_raw()) {
            return Err(failed("its owner is another user: chown it to this one"));
        }
        let mut text = Zeroizing::new(Vec::with_capacity(512));
        file.take(512)
            .read_to_end(&mut text)
            .map_err(|error| failed(&error.to_string()))?;
        // The parser's own message would quote what it met.
        let mut parsed: KeyFile = serde_json::from_slice(&text)
            .map_err(|_| failed("truncated, or not a Waxseal key file"))?;
        let key = decode(&parsed.key);
        parsed.key.zeroize();
        match key {
            Some(key) if parsed.format == FORMAT => Ok(Self { id: parsed.id, key }),
            _ => Err(failed(
                "truncated, or not a Waxseal key file of this version",
            )),
        }
    }

    /// Names the key: not a secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    // EXPOSE: to wrap and unwrap, within this folder.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

/// Root reads everything anyway.
const fn is_trusted(owner: u32, user: u32) -> bool {
    owner == 0 || owner == user
}

fn decode(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let written = URL_SAFE_NO_PAD
        .decode_slice(text, key.as_mut_slice())
        .ok()?;
    (written == key.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::rng::SystemRng;

    #[test]
    fn a_key_file_is_private_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kek");
        let made = Kek::create(&path, &SystemRng::default()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let read = Kek::load(&path).unwrap();
        assert_eq!((read.id(), read.bytes()), (made.id(), made.bytes()));
        assert!(
            Kek::create(&path, &SystemRng::default()).is_err(),
            "never overwritten"
        );
        assert!(!format!("{made:?}").contains(&URL_SAFE_NO_PAD.encode(made.bytes())));
    }

    #[test]
    fn another_users_key_file_is_not_trusted() {
        assert!(is_trusted(0, 1000) && is_trusted(1000, 1000) && is_trusted(0, 0));
        assert!(!is_trusted(1000, 1001) && !is_trusted(1000, 0));
    }

    #[test]
    fn refuses_open_permissions_and_damaged_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kek");
        Kek::create(&path, &SystemRng::default()).unwrap();
        let text = std::fs::read(&path).unwrap();
        for length in 0..text.len() {
            std::fs::write(&path, &text[..length]).unwrap();
            assert!(Kek::load(&path).is_err(), "truncated to {length}");
        }
        std::fs::write(&path, &text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let message = Kek::load(&path).unwrap_err().to_string();
        assert!(message.contains("chmod 600"), "{message}");
    }
}
