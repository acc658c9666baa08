//! Every runbook is carried out, command by command as it stands in docs/runbooks, against a verifier that serves.

mod client_secret;
mod keys;
mod runbook;
mod site;
mod skimmer;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// A running verifier looks every five seconds.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(40);

/// Asks until `found` gives something.
#[track_caller]
fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(started.elapsed() < FOLLOWS_WITHIN, "it has not followed");
        sleep(Duration::from_millis(250));
    }
}

#[test]
fn every_runbook_is_rehearsed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/runbooks");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let rehearsed = [
        "client-secret.md",
        "database-stolen.md",
        "kek.md",
        "sealing-key.md",
        "skimmer.md",
    ];
    assert_eq!(names, rehearsed);
}
