//! The `verifier` command on files of its own.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use tempfile::TempDir;
pub(crate) use waxseal_tests::verifier_binary as binary;
use waxseal_tests::with_input;

/// Adds a merchant and prints its credentials.
pub(crate) const ADD_SHOP: [&str; 7] = [
    "merchants",
    "add",
    "--name",
    "Shop",
    "--origin",
    "https://shop.example",
    "--json",
];

/// A folder with a verifier's files.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    /// An initialised verifier whose build output is missing.
    pub(crate) fn new() -> Self {
        let scene = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let output = scene.run(&["init", "--assets", "dist"], &[]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        scene
    }

    /// Of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The database, and the log beside it.
    pub(crate) fn remove_database(&self) {
        for file in ["waxseal.sqlite", "waxseal.sqlite-wal", "waxseal.sqlite-shm"] {
            if self.path(file).exists() {
                std::fs::remove_file(self.path(file)).unwrap();
            }
        }
    }

    /// Runs a command of the verifier.
    pub(crate) fn run(&self, args: &[&str], environment: &[(&str, &str)]) -> Output {
        self.command(args, environment).output().unwrap()
    }

    /// The same command before it runs.
    pub(crate) fn command(&self, args: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(args)
            .arg("--config")
            .arg(self.path("waxseal.toml"))
            .env("WAXSEAL_VERIFIER__LISTEN__CONSOLE", "127.0.0.1:0")
            .envs(environment.iter().copied());
        command
    }

    /// Runs `serve`; asserts that it fails with one line that holds `wanted`.
    #[track_caller]
    pub(crate) fn refuses_to_serve(&self, environment: &[(&str, &str)], wanted: &str) {
        let output = self.run(&["serve"], environment);
        assert!(!output.status.success());
        let stderr = text(&output.stderr);
        assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
        assert!(stderr.contains(wanted), "{stderr}");
    }
}

/// Runs a command that reads `input`.
pub(crate) fn run_with_input(scene: &Scene, args: &[&str], input: &str) -> Output {
    with_input(scene.command(args, &[]), input)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
