//! `frame_brotli_bytes`, `host_brotli_bytes`: what browsers load, compressed, from the build's manifest.
//! `signals_brotli_bytes`: by how much less of it there is without signals, where `scripts/build bare` has
//! built that.

use std::path::Path;

use serde_json::Value;

use crate::figure::print;

pub(crate) fn measure(assets: &Path, bare: &Path) {
    let files = files(&assets.join("manifest.json")).expect("the SDK is built");
    let frame: Vec<u64> = sizes(&files, is_frame);
    let whole: u64 = frame.iter().sum();
    print("frame_brotli_bytes", as_f64(whole), "bytes", frame.len());
    if let Some(bare) = self::files(&bare.join("manifest.json")) {
        let bare: u64 = sizes(&bare, is_frame).iter().sum();
        let signals = as_f64(whole) - as_f64(bare);
        print("signals_brotli_bytes", signals, "bytes", frame.len());
    }
    // A page loads one of the two.
    let host = sizes(&files, |path| {
        matches!(path, "waxseal.js" | "waxseal.iife.js")
    });
    print(
        "host_brotli_bytes",
        as_f64(*host.iter().max().expect("a loader")),
        "bytes",
        host.len(),
    );
}

fn is_frame(path: &str) -> bool {
    path.starts_with("frame/")
}

/// Path and compressed size of each file that a manifest lists.
fn files(manifest: &Path) -> Option<Vec<(String, u64)>> {
    let text = std::fs::read_to_string(manifest).ok()?;
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let files = manifest["files"].as_array().expect("files").iter();
    let sizes = files.map(|file| {
        let bytes = file["brotli_bytes"].as_u64().expect("a size");
        (file["path"].as_str().expect("a path").to_owned(), bytes)
    });
    Some(sizes.collect())
}

fn sizes(files: &[(String, u64)], wanted: impl Fn(&str) -> bool) -> Vec<u64> {
    files
        .iter()
        .filter(|(path, _)| wanted(path))
        .map(|(_, bytes)| *bytes)
        .collect()
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}
