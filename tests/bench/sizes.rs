//! `frame_brotli_bytes`, `host_brotli_bytes`: what browsers load, compressed, from the build's manifest.

use std::path::Path;

use serde_json::Value;

use crate::figure::print;

pub(crate) fn measure(assets: &Path) {
    let text = std::fs::read_to_string(assets.join("manifest.json")).expect("the SDK is built");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let files: Vec<(&str, u64)> = manifest["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| {
            let bytes = file["brotli_bytes"].as_u64().expect("a size");
            (file["path"].as_str().expect("a path"), bytes)
        })
        .collect();
    let frame: Vec<u64> = sizes(&files, |path| path.starts_with("frame/"));
    print(
        "frame_brotli_bytes",
        as_f64(frame.iter().sum()),
        "bytes",
        frame.len(),
    );
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

fn sizes(files: &[(&str, u64)], wanted: impl Fn(&str) -> bool) -> Vec<u64> {
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
