//! Carts and orders on disk: one small JSON file, replaced as a whole.

use std::{collections::HashMap, io, path::Path};

use crate::order::Shopper;

/// Reads the file; none yet is the same as nobody yet.
pub(super) fn load(path: &Path) -> io::Result<HashMap<String, Shopper>> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(error),
    }
}

/// Replaces the file: a crash leaves the old one or the new one, never half of one.
pub(super) async fn save(path: &Path, shoppers: Vec<(String, Shopper)>) -> io::Result<()> {
    let shoppers: HashMap<_, _> = shoppers.into_iter().collect();
    let bytes = serde_json::to_vec(&shoppers).map_err(io::Error::other)?;
    let unfinished = path.with_extension("new");
    tokio::fs::write(&unfinished, bytes).await?;
    tokio::fs::rename(&unfinished, path).await
}
