//! The SDK's build output, read into memory at start.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use axum::body::Bytes;
use serde::Deserialize;

/// One file, as it is and compressed.
#[derive(Clone)]
pub struct Asset {
    /// The file's bytes.
    pub plain: Bytes,
    /// The same, brotli-compressed.
    pub brotli: Option<Bytes>,
    /// Media type by the file's ending.
    pub content_type: &'static str,
}

/// Every file that the browser may load, by its path below the build output.
pub struct Assets {
    files: HashMap<String, Asset>,
    bld: String,
}

#[derive(Deserialize)]
struct Manifest {
    bld: String,
    files: Vec<ManifestFile>,
}

#[derive(Deserialize)]
struct ManifestFile {
    path: String,
}

impl Assets {
    /// Reads the files that `manifest.json` below `folder` lists.
    ///
    /// # Errors
    /// When one is missing, in one line that says what to do.
    pub fn load(folder: &Path) -> Result<Self, String> {
        let failed = |path: &str, error: &dyn std::fmt::Display| {
            format!(
                "assets.dir {}: {path}: {error} (build the SDK first)",
                folder.display()
            )
        };
        let manifest = "manifest.json";
        let text =
            std::fs::read(folder.join(manifest)).map_err(|error| failed(manifest, &error))?;
        let listed: Manifest =
            serde_json::from_slice(&text).map_err(|error| failed(manifest, &error))?;
        let mut files = HashMap::new();
        for path in listed
            .files
            .into_iter()
            .map(|file| file.path)
            .chain([manifest.to_owned()])
        {
            let content_type =
                content_type(&path).ok_or_else(|| failed(&path, &"unknown file type"))?;
            let plain = std::fs::read(folder.join(&path)).map_err(|error| failed(&path, &error))?;
            let brotli = std::fs::read(folder.join(format!("{path}.br")))
                .ok()
                .map(Bytes::from);
            files.insert(
                path,
                Asset {
                    plain: Bytes::from(plain),
                    brotli,
                    content_type,
                },
            );
        }
        Ok(Self {
            files,
            bld: listed.bld,
        })
    }

    /// The file at `path` below the build output.
    pub fn find(&self, path: &str) -> Option<&Asset> {
        self.files.get(path)
    }

    /// The wasm builds that count as known: this one, and `allowed`.
    pub fn known_builds(&self, allowed: &[String]) -> HashSet<String> {
        allowed.iter().cloned().chain([self.bld.clone()]).collect()
    }
}

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "ts" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => return None,
    })
}
