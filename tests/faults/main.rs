//! What is left when the verifier's process, its disk or its files fail: the real program on a store of
//! each engine.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, outside the functions that clippy knows as tests"
)]

mod disk;
mod files;
mod kills;
mod line;
mod purchase;
mod releases;
mod till;
mod whole;

use std::path::Path;

use waxseal_tests::{Engine, Installation, write_assets};

/// A verifier in `folder` whose program is `binary`.
fn install(binary: &Path, folder: &Path, engine: Engine) -> Installation {
    let assets = folder.join("dist");
    write_assets(&assets);
    Installation::new(binary, &assets, folder, engine)
}
