//! A key-encryption key in a file, or in an environment variable that holds what the file would.

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
/// More than any key or PIN file has.
const MAX_BYTES: u64 = 512;

/// Id and key.
type Named = (String, Zeroizing<[u8; 32]>);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: String,
    id: String,
    key: String,
}

/// Makes a key and writes it to a new file at `path`, mode 0600.
pub(super) fn create(path: &Path, rng: &dyn Rng) -> Result<Named, String> {
    let random = |_| "the random number generator failed".to_owned();
    let key = Zeroizing::new(rng.array::<32>().map_err(random)?);
    let id = URL_SAFE_NO_PAD.encode(rng.array::<9>().map_err(random)?);
    let mut file = KeyFile {
        format: FORMAT.to_owned(),
        id: id.clone(),
        // EXPOSE: the key file is where the KEK lies.
        key: URL_SAFE_NO_PAD.encode(*key),
    };
    let text = serde_json::to_vec_pretty(&file).map(Zeroizing::new);
    file.key.zeroize();
    let text = text.map_err(|error| error.to_string())?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut out| {
            out.write_all(&text)?;
            out.sync_all()
        })
        .map_err(|error| error.to_string())?;
    Ok((id, key))
}

/// Reads the key file at `path`.
pub(super) fn load(path: &Path) -> Result<Named, String> {
    parse(&read_private(path)?)
}

/// Reads the key that the environment variable `name` holds.
pub(super) fn from_environment(name: &str) -> Result<Named, String> {
    let text = std::env::var_os(name).ok_or("it is not set")?;
    // As bytes: the standard library's error for what is no text quotes it.
    parse(&Zeroizing::new(text.into_encoded_bytes()))
}

/// Reads a small file that no other user may read.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    if metadata.mode() & 0o077 != 0 {
        return Err("others than its owner may read it: chmod 600 it".to_owned());
    }
    // Whoever owns it can read it, whatever its mode.
    if !is_trusted(metadata.uid(), rustix::process::geteuid().as_raw()) {
        return Err("its owner is another user: chown it to this one".to_owned());
    }
    let mut text = Zeroizing::new(Vec::with_capacity(512));
    file.take(MAX_BYTES)
        .read_to_end(&mut text)
        .map_err(|error| error.to_string())?;
    Ok(text)
}

fn parse(text: &[u8]) -> Result<Named, String> {
    // The parser's own message would quote what it met.
    let mut parsed: KeyFile = serde_json::from_slice(text)
        .map_err(|_| "truncated, or not a Waxseal key file".to_owned())?;
    let key = decode(&parsed.key);
    parsed.key.zeroize();
    match key {
        Some(key) if parsed.format == FORMAT => Ok((parsed.id, key)),
        _ => Err("truncated, or not a Waxseal key file of this version".to_owned()),
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
        let made = create(&path, &SystemRng::default()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(load(&path).unwrap(), made);
        assert!(
            create(&path, &SystemRng::default()).is_err(),
            "never overwritten"
        );
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
        create(&path, &SystemRng::default()).unwrap();
        let text = std::fs::read(&path).unwrap();
        for length in 0..text.len() {
            std::fs::write(&path, &text[..length]).unwrap();
            assert!(load(&path).is_err(), "truncated to {length}");
        }
        std::fs::write(&path, &text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let message = load(&path).unwrap_err();
        assert!(message.contains("chmod 600"), "{message}");
    }
}
