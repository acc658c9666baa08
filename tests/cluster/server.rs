//! A PostgreSQL server that a test may stop.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use waxseal_tests::Database;

/// A server in a folder of its own; stopped when dropped.
pub(crate) struct Server {
    folder: TempDir,
    url: String,
}

impl Server {
    pub(crate) fn make() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("waxseal-cluster.")
            .tempdir_in("/tmp")
            .unwrap();
        let url = cluster("make", folder.path(), &[]);
        Self { folder, url }
    }

    /// A schema of its own on it.
    pub(crate) fn database(&self, name: &str) -> Database {
        let database = Database::on_server(&self.url, Path::new(name));
        database.create_schema();
        database
    }

    /// Tables, indexes and the write-ahead log.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn stop(&self, mode: &str) {
        cluster("stop", self.folder.path(), &[mode]);
    }

    pub(crate) fn start(&self) {
        cluster("start", self.folder.path(), &[]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test may have stopped it.
        if self.folder.path().join("data/postmaster.pid").exists() {
            cluster("stop", self.folder.path(), &["immediate"]);
        }
    }
}

/// Runs `tests/postgres/cluster`; gives what it prints.
#[track_caller]
fn cluster(command: &str, folder: &Path, more: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("postgres/cluster");
    let output = Command::new(script)
        .arg(command)
        .arg(folder)
        .args(more)
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {problem}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
