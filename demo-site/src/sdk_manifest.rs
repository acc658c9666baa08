//! The SDK's `manifest.json`: what was built, and its digests.

use std::path::Path;

use serde::Deserialize;

const LOADER: &str = "waxseal.js";

/// As far as a merchant needs it.
#[derive(Debug, Deserialize)]
pub struct SdkManifest {
    /// Identifier of the wasm build, as envelopes carry it.
    pub bld: String,
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    path: String,
    sha384: String,
}

/// A manifest that cannot be used.
#[derive(Debug)]
pub struct ManifestError(String);

impl SdkManifest {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or is no manifest.
    pub fn from_file(path: &Path) -> Result<Self, ManifestError> {
        let refused = |reason: &dyn std::fmt::Display| {
            ManifestError(format!("SDK manifest {}: {reason}", path.display()))
        };
        let text = std::fs::read(path).map_err(|error| refused(&error))?;
        serde_json::from_slice(&text).map_err(|error| refused(&error))
    }

    /// The loader's `integrity` value (Subresource Integrity), `sha384-` and base64.
    ///
    /// # Errors
    /// When the manifest does not list the loader.
    pub fn loader_integrity(&self) -> Result<String, ManifestError> {
        let loader = self.files.iter().find(|file| file.path == LOADER);
        let digest = loader
            .map(|file| file.sha384.as_str())
            .ok_or_else(|| ManifestError(format!("the SDK manifest does not list {LOADER}")))?;
        Ok(match digest.strip_prefix("sha384-") {
            Some(_) => digest.to_owned(),
            None => format!("sha384-{digest}"),
        })
    }
}

impl std::fmt::Display for ManifestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ManifestError {}
